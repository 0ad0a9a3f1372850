import type { Condition, ConditionOp } from "@cadenza/contracts";
import fc from "fast-check";

/** Few values, so that conditions hit documents; chosen for what spelling, size and calendar make difficult. */
export const POOLS = {
  TEXT: [
    "Big Shop",
    "big shop",
    "İstanbul",
    "ISTANBUL",
    "ΟΔΟΣ",
    "οδος",
    "Straße",
    "STRASSE",
    "\u212Aelvin",
    "kelvin",
    "a.*b",
    "aXXb",
    "[x]^$",
    "𐐀𐐨",
    "1.0",
    "1",
  ],
  NUMBER: [0, -0, 1, -1, 0.1, 0.30000000000000004, 1e21, 12.5, 9007199254740992, -1e-7],
  DATE: ["2025-12-31", "2026-01-04", "2026-01-05", "2026-01-06", "0000-01-01", "9999-12-31"],
  DATETIME: [
    "2026-01-05T08:59:59.999Z",
    "2026-01-05T09:00:00.000Z",
    "2026-01-05T00:00:00.000Z",
    "2026-01-04T23:59:59.999Z",
    "2025-12-29T09:00:00.000Z",
    "-000001-12-31T23:00:00.000Z",
    "+010000-01-01T00:00:00.000Z",
  ],
  CHOICE: ["red", "Red", "blue", "green"],
} as const;
export type PoolName = keyof typeof POOLS;

const fragment = fc.constantFrom(
  "i",
  "İ",
  "shop",
  "SHOP",
  "σ",
  "ς",
  "Σ",
  "δος",
  "ß",
  "ss",
  "k",
  "\u212A",
  ".*",
  "[x]",
  "^$",
  "𐐨",
  "\u0000",
  "\ud800",
  "zzz",
  "st",
);
const numeric = fc.oneof(
  fc.constantFrom(...POOLS.NUMBER),
  fc.constantFrom(
    "0.1",
    "0.10000000000000000001",
    "0.09999999999999999999",
    "0.3",
    "1.0",
    "1000000000000000000000",
    "9007199254740993",
    "12.50",
    "-0",
  ),
);
const instant = fc.constantFrom(
  "2026-01-05T09:00:00Z",
  "2026-01-05T10:00+01:00",
  "2026-01-05T08:59:59.9999Z",
  "2026-01-05T00:30:00+01:00",
  "0000-01-01T00:00:00+01:00",
  "9999-12-31T23:00:00-02:00",
);
const days = fc.constantFrom(-8, -7, -1, 0, 1, 36_500, -36_500);
const moment = fc.oneof(
  fc.constantFrom(...POOLS.DATE),
  instant,
  days.map((count) => ({ days: count })),
);

const ONE: Record<PoolName, fc.Arbitrary<unknown>> = {
  TEXT: fc.oneof(fc.constantFrom(...POOLS.TEXT), fragment),
  NUMBER: numeric,
  DATE: fc.constantFrom(...POOLS.DATE),
  DATETIME: instant,
  CHOICE: fc.constantFrom(...POOLS.CHOICE),
};

export type RandomField = { path: string; pool: PoolName; multiple: boolean };

/** Any test that is allowed on the field. */
function testOn({ path, pool, multiple }: RandomField): fc.Arbitrary<Condition> {
  const one = ONE[pool];
  const list = (minLength: number) => fc.array(one, { minLength, maxLength: 3 });
  const op = (...ops: ConditionOp[]) => fc.constantFrom(...ops);
  const withValue = (ops: fc.Arbitrary<ConditionOp>, value: fc.Arbitrary<unknown>): fc.Arbitrary<Condition> =>
    fc.record({ op: ops, value }).map((rest) => ({ test: { path, ...rest } }));
  const choices = [
    op("IS_EMPTY", "IS_NOT_EMPTY").map((name): Condition => ({ test: { path, op: name } })),
    withValue(op("EQUALS", "NOT_EQUALS"), multiple ? list(0) : one),
    withValue(op("IN", "NOT_IN"), list(1)),
  ];
  if (multiple || pool === "TEXT") choices.push(withValue(op("CONTAINS", "NOT_CONTAINS"), one));
  if (!multiple && pool === "NUMBER") choices.push(withValue(op("GREATER_THAN", "LESS_THAN"), numeric));
  if (!multiple && (pool === "DATE" || pool === "DATETIME")) {
    choices.push(
      withValue(op("BEFORE", "AFTER"), moment),
      withValue(op("WITHIN_LAST_DAYS"), fc.constantFrom(0, 1, 7, 36_500)),
    );
  }
  return fc.oneof(...choices);
}

/** Any condition over the fields, three levels deep at most. */
export function conditionOver(fields: readonly RandomField[]): fc.Arbitrary<Condition> {
  const leaf = fc.oneof(...fields.map(testOn));
  const nest = (inner: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> => {
    const parts = fc.array(inner, { minLength: 1, maxLength: 3 });
    return fc.oneof(
      leaf,
      parts.map((all) => ({ all })),
      parts.map((any) => ({ any })),
      inner.map((not) => ({ not })),
    );
  };
  return nest(nest(leaf));
}
