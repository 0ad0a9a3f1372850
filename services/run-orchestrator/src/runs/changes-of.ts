import type { Run, StepExecution } from "./model.ts";

/** What `$set` turns the document of `before` into that of `after`: what a decision left alone is the same object in both. */
export function changesOf(before: Run, after: Run): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  for (const key of Object.keys(after) as (keyof Run)[])
    if (key !== "executions" && after[key] !== before[key]) set[key] = after[key];
  if (after.executions === before.executions) return set;
  if (after.executions.length < before.executions.length) return { ...set, executions: after.executions };
  for (const [index, execution] of after.executions.entries()) {
    const known = before.executions[index];
    if (execution === known) continue;
    if (known?.id === execution.id) setFields(set, index, known, execution);
    else set[`executions.${index}`] = execution;
  }
  return set;
}

function setFields(set: Record<string, unknown>, index: number, before: StepExecution, after: StepExecution): void {
  for (const key of Object.keys(after) as (keyof StepExecution)[])
    if (after[key] !== before[key]) set[`executions.${index}.${key}`] = after[key];
}
