import type { Condition, ConditionTest } from "@cadenza/contracts";

/** A condition's node, told apart. Keys that are null count as left out: a graph input may spell them so. */
export type Node =
  | { kind: "all" | "any"; of: readonly unknown[] }
  | { kind: "not"; of: unknown }
  | { kind: "test"; test: ConditionTest };

const KEYS = ["all", "any", "not", "test"] as const;

/** Null where the value is not exactly one of all, any, not, test. */
export function nodeOf(condition: Condition): Node;
export function nodeOf(condition: unknown): Node | null;
export function nodeOf(condition: unknown): Node | null {
  if (!isRecord(condition)) return null;
  const given = Object.keys(condition).filter((key) => condition[key] !== null && condition[key] !== undefined);
  const kind = KEYS.find((key) => key === given[0]);
  if (given.length !== 1 || !kind) return null;
  const of = condition[kind];
  if (kind === "all" || kind === "any") return Array.isArray(of) ? { kind, of } : null;
  if (kind === "not") return { kind, of };
  return isRecord(of) && typeof of["path"] === "string" && typeof of["op"] === "string"
    ? { kind, test: of as ConditionTest }
    : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
