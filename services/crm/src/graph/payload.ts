import type { Outcome } from "../values/problem.ts";

/** A mutation's answer: what was made or changed under `name`, or what the caller must put right. */
export function payload<T>(name: string, outcome: Outcome<T>, found: (value: T) => unknown): object {
  if (!outcome.ok) return { [name]: null, userErrors: outcome.problems };
  return { [name]: found(outcome.value), userErrors: [] };
}

export function deletePayload(outcome: Outcome<string>): object {
  return payload("deletedId", outcome, (id) => id);
}
