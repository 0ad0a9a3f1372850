import { isDeepStrictEqual } from "node:util";
import type { BulkOperation, TenantDocument } from "@cadenza/storage";

type Versioned = TenantDocument & { version: number; custom?: Record<string, unknown> };

/** One write that turns `before` into `after`, custom values one by one; it matches nothing where another was faster. */
export function documentUpdate<T extends Versioned>(before: T, after: T): BulkOperation<T> {
  const set: Record<string, unknown> = {};
  const unset: Record<string, ""> = {};
  for (const key of Object.keys(after) as (keyof T & string)[]) {
    if (key === "custom") collectCustom(before.custom ?? {}, after.custom ?? {}, set, unset);
    else if (!equal(before[key], after[key])) set[key] = after[key];
  }
  const update = { $set: set, ...(Object.keys(unset).length > 0 ? { $unset: unset } : {}) };
  return {
    updateOne: { filter: { _id: before._id, version: before.version }, update },
  } as unknown as BulkOperation<T>;
}

function collectCustom(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  set: Record<string, unknown>,
  unset: Record<string, "">,
): void {
  for (const id of Object.keys(after)) if (!equal(before[id], after[id])) set[`custom.${id}`] = after[id];
  for (const id of Object.keys(before)) if (!(id in after)) unset[`custom.${id}`] = "";
}

function equal(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && typeof b === "object" && isDeepStrictEqual(a, b));
}
