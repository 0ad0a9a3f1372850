import { badUserInput } from "./bad-user-input.ts";

const MAX_DEPTH = 10;
const MAX_BYTES = 64 * 1024;
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

export type JsonFault = { message: string; path: string[] };

/**
 * What makes a JSON value unfit to be stored, with the path inside it: keys that MongoDB or JavaScript would read as
 * something else (`$set`, `a.b`, `__proto__`), more than 10 levels, more than 64 KiB.
 */
export function jsonFault(value: unknown): JsonFault | null {
  const fault = faultWithin(value, [], 1);
  if (fault) return fault;
  const text = JSON.stringify(value);
  return text !== undefined && Buffer.byteLength(text) > MAX_BYTES
    ? { message: "The value is larger than 64 KiB.", path: [] }
    : null;
}

/** @throws BAD_USER_INPUT with the path to the fault. */
export function checkJson<T>(value: T, path: readonly string[]): T {
  const fault = jsonFault(value);
  if (fault) throw badUserInput(fault.message, [...path, ...fault.path]);
  return value;
}

function faultWithin(value: unknown, path: string[], depth: number): JsonFault | null {
  if (typeof value === "string")
    return value.includes("\u0000") || !value.isWellFormed()
      ? { message: "The text holds characters that cannot be stored.", path }
      : null;
  if (typeof value === "number")
    return Number.isFinite(value) ? null : { message: "The number is out of range.", path };
  if (typeof value !== "object" || value === null) return null;
  if (depth > MAX_DEPTH) return { message: `The value is nested more than ${MAX_DEPTH} levels deep.`, path };
  for (const [key, inner] of Object.entries(value)) {
    const here = [...path, key];
    const keyFault = Array.isArray(value) ? null : faultOfKey(key);
    if (keyFault) return { message: keyFault, path: here };
    const fault = faultWithin(inner, here, depth + 1);
    if (fault) return fault;
  }
  return null;
}

function faultOfKey(key: string): string | null {
  if (key.startsWith("$")) return "A key must not begin with $.";
  if (key.includes(".")) return "A key must not hold a dot.";
  if (key.includes("\u0000")) return "A key holds characters that cannot be stored.";
  return PROTOTYPE_KEYS.has(key) ? `A key must not be ${key}.` : null;
}
