import type { Run } from "./model.ts";

/** What `$set` turns the document of `before` into that of `after`: what a decision left alone is the same object in both. */
export function changesOf(before: Run, after: Run): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  for (const key of Object.keys(after) as (keyof Run)[]) {
    if (after[key] === before[key] || key === "executions") continue;
    set[key] = after[key];
  }
  if (after.executions === before.executions) return set;
  if (after.executions.length < before.executions.length) return { ...set, executions: after.executions };
  for (const [index, execution] of after.executions.entries()) {
    if (execution !== before.executions[index]) set[`executions.${index}`] = execution;
  }
  return set;
}
