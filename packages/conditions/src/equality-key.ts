import { Decimal } from "decimal.js";
import { isEmpty, isInstant, isNumeric, scalarOf } from "./values.ts";

/** A decimal of more digits than this is written out by the decimal library, so that equal numbers have one spelling. */
const MAX_PLAIN = 1e15;

/**
 * Keys of a value such that two values that `isEqual`, or of which one is in the other, have a key in common: what a hash
 * may look up. Those of a list are those of its entries.
 */
export function equalityKeys(value: unknown): string[] {
  if (Array.isArray(value)) return [...new Set(value.flat(MAX_NESTING).flatMap(equalityKeys))];
  const key = keyOf(value);
  return key === null ? [] : [key];
}
/** Values of events are JSON of a bounded depth. */
const MAX_NESTING = 20;

/** Null where nothing equals the value by a key: it is empty, or no scalar. */
export function keyOf(value: unknown): string | null {
  const scalar = scalarOf(value);
  if (isEmpty(scalar)) return null;
  switch (typeof scalar) {
    case "boolean":
      return `b${String(scalar)}`;
    case "number":
      if (Number.isSafeInteger(scalar) && Math.abs(scalar) < MAX_PLAIN) return `n${scalar}`;
      return Number.isFinite(scalar) ? `n${new Decimal(scalar).toString()}` : null;
    case "string":
      // Most texts are neither number nor instant, and their first letter says so.
      if (!/^[-\d]/.test(scalar)) return `s${scalar}`;
      if (isNumeric(scalar)) return `n${new Decimal(scalar).toString()}`;
      return isInstant(scalar) ? `i${Date.parse(scalar)}` : `s${scalar}`;
    default:
      return scalar instanceof Decimal ? `n${scalar.toString()}` : null;
  }
}
