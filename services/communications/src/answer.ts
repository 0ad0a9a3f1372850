import { type UserError, userError } from "@cadenza/subgraph";

/** What a mutation leads to: a value, or what the caller can put right. Then nothing has changed. */
export type Answer<T> = { ok: true; value: T } | { ok: false; userError: UserError };

export function done<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

export function refused(code: string, message: string, path?: readonly string[]): { ok: false; userError: UserError } {
  return { ok: false, userError: userError(code, message, path) };
}

/** A mutation's payload: the value under `field`, or null with the user error. */
export function payloadOf<T, P>(field: string, answer: Answer<T>, present: (value: T) => P): Record<string, unknown> {
  return answer.ok
    ? { [field]: present(answer.value), userErrors: [] }
    : { [field]: null, userErrors: [answer.userError] };
}
