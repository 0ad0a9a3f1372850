import { hkdfSync } from "node:crypto";

/** Master keys by id, newest first: the first seals, all open. */
export type SecretKeys = readonly { id: string; key: Buffer }[];

const KEY_BYTES = 32;

/**
 * Reads `SECRETS_KEY`: `id:base64` joined by commas, the newest first; one bare base64 key has the id "1".
 * @throws Error naming what was expected, never the value.
 */
export function parseSecretKeys(text: string): SecretKeys {
  const keys = text.split(",").map((entry) => {
    const colon = entry.indexOf(":");
    const id = colon < 0 ? "1" : entry.slice(0, colon).trim();
    const key = Buffer.from(entry.slice(colon + 1).trim(), "base64");
    if (id === "" || key.length !== KEY_BYTES) {
      throw new Error(`expected "keyId:base64" of ${KEY_BYTES} bytes, several joined by commas, the newest first`);
    }
    return { id, key };
  });
  if (new Set(keys.map(({ id }) => id)).size !== keys.length)
    throw new Error("expected every key to have an id of its own");
  return keys;
}

/** A key for another purpose, which tells nothing of the master key (RFC 5869). */
export function deriveKey(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", master, "", `cadenza/${purpose}`, KEY_BYTES));
}
