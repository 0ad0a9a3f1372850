import { createHash, randomFillSync } from "node:crypto";

/** Crockford's base 32, as ULIDs use it (github.com/ulid/spec). */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PATTERN = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** A new ULID: sorts by `at`, then by chance. */
export function newId(at: Date): string {
  return timePart(at) + textOf(randomBytes10());
}

/** A ULID made of `at` and a hash of `parts`: the same arguments give the same id, on any machine, at any time. */
export function derivedId(at: Date, ...parts: string[]): string {
  return timePart(at) + textOf(createHash("sha256").update(parts.join("\u0000")).digest().subarray(0, 10));
}

export function isId(value: unknown): value is string {
  return typeof value === "string" && PATTERN.test(value);
}

function timePart(at: Date): string {
  let ms = Math.max(0, at.getTime());
  let text = "";
  for (let i = 0; i < 10; i++) {
    text = ALPHABET[ms % 32] + text;
    ms = Math.floor(ms / 32);
  }
  return text;
}

/** Chance is drawn 400 ids at a time: one system call an id would be most of its cost. */
const pool = Buffer.alloc(4000);
let poolUsed = pool.length;
function randomBytes10(): Uint8Array {
  if (poolUsed === pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  poolUsed += 10;
  return pool.subarray(poolUsed - 10, poolUsed);
}

/** Ten bytes as 16 characters of five bits each. */
function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let half = 0; half < 10; half += 5) {
    let value = 0;
    for (let i = 0; i < 5; i++) value = value * 256 + bytes[half + i]!;
    let part = "";
    for (let i = 0; i < 8; i++) {
      part = ALPHABET[value % 32] + part;
      value = Math.floor(value / 32);
    }
    text += part;
  }
  return text;
}
