import { setTimeout as wait } from "node:timers/promises";

/** Asks until the answer satisfies, or fails with the last answer. @param options.timeoutMs default 20,000. @param options.intervalMs default 50. */
export async function until<T>(
  ask: () => Promise<T> | T,
  satisfies: (answer: T) => boolean,
  options: { timeoutMs?: number; intervalMs?: number; what?: string } = {},
): Promise<T> {
  const deadline = performance.now() + (options.timeoutMs ?? 20_000);
  let last = await ask();
  while (!satisfies(last)) {
    if (performance.now() > deadline)
      throw new Error(
        `Waited in vain${options.what ? ` for ${options.what}` : ""}; the last answer was ${JSON.stringify(last).slice(0, 2000)}`,
      );
    await wait(options.intervalMs ?? 50);
    last = await ask();
  }
  return last;
}
