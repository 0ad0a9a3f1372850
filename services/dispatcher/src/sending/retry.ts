/** First and longest wait between two attempts; the wait doubles and is drawn from its whole length (full jitter). */
const FIRST_MS = 5000;
const LONGEST_MS = 15 * 60_000;
const SHORTEST_MS = 1000;

/** A message that a provider refuses for now for this long has failed. */
export const GIVE_UP_MS = 24 * 3_600_000;

/** How long to wait after the `attempts`-th attempt. @param chance from 0 to 1. */
export function retryDelayMs(attempts: number, chance: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(20, attempts - 1));
  return Math.round(SHORTEST_MS + chance * (longest - SHORTEST_MS));
}
