import type { Condition } from "@cadenza/contracts";
import type { Document } from "@cadenza/storage";
import type { StoredField } from "./stored-field.ts";
import { testFilter } from "./test-filter.ts";

/**
 * A condition as a filter of the database that finds exactly what the condition holds for.
 * @param fieldAt where a path stands in the documents that are filtered.
 */
export function conditionFilter(condition: Condition, fieldAt: (path: string) => StoredField, now: Date): Document {
  const read = (part: Condition): Document => conditionFilter(part, fieldAt, now);
  if ("all" in condition) return { $and: condition.all.map(read) };
  if ("any" in condition) return { $or: condition.any.map(read) };
  if ("not" in condition) return { $nor: [read(condition.not)] };
  const { path, op, value } = condition.test;
  return testFilter(fieldAt(path), op, value, now);
}
