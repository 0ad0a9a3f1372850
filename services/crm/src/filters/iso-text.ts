/** Years of four digits are in the order of their texts; what lies outside them no condition knows as an instant. */
const [FIRST_MS, LAST_MS] = [Date.parse("0000-01-01T00:00:00.000Z"), Date.parse("9999-12-31T23:59:59.999Z")];
/** Before and behind all texts that begin with a digit. */
const [BEFORE_ALL, BEHIND_ALL] = ["0", ":"];

/**
 * An instant as the text of a stored one. `exact`: null where none can be stored; `bound`: what all stored ones stand to as
 * they do to the instant.
 */
export function isoText(ms: number): { exact: string | null; bound: string } {
  if (ms < FIRST_MS) return { exact: null, bound: BEFORE_ALL };
  if (ms > LAST_MS) return { exact: null, bound: BEHIND_ALL };
  const exact = new Date(ms).toISOString();
  return { exact, bound: exact };
}

/** Holds for every text that is an instant of a year of four digits. */
export const ANY_INSTANT = { $gte: BEFORE_ALL } as const;
