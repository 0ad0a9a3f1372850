import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { SecretKeys } from "./secret-keys.ts";

/** A secret at rest: sealed with a data key of its own, which is sealed with the master key `keyId`. Base64 of nonce, text, tag. */
export type SealedSecret = { keyId: string; wrappedKey: string; ciphertext: string };

const CIPHER = "aes-256-gcm";
/** NIST SP 800-38D: 96-bit nonces, 128-bit tags. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The master key of a secret is not configured, or the secret was changed or moved. */
export class SecretError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = "SecretError";
  }
}

/**
 * Envelope encryption (REL-8). `context` says whose secret it is, such as the account's id: a secret that is copied to
 * another record does not open there.
 */
export class SecretBox {
  readonly #keys: SecretKeys;

  constructor(keys: SecretKeys) {
    if (keys.length === 0) throw new SecretError("No key is configured.");
    this.#keys = keys;
  }

  seal(secret: string, context: string): SealedSecret {
    const newest = this.#keys[0]!;
    const dataKey = randomBytes(32);
    return {
      keyId: newest.id,
      wrappedKey: encrypt(newest.key, dataKey, context),
      ciphertext: encrypt(dataKey, Buffer.from(secret, "utf8"), context),
    };
  }

  /** @throws SecretError */
  open(sealed: SealedSecret, context: string): string {
    return decrypt(this.#dataKey(sealed, context), sealed.ciphertext, context).toString("utf8");
  }

  /** Whether the newest key seals it, so that older keys need not be kept for its sake. */
  isCurrent(sealed: SealedSecret): boolean {
    return sealed.keyId === this.#keys[0]!.id;
  }

  /** The same secret under the newest master key; its own ciphertext stays. */
  rotate(sealed: SealedSecret, context: string): SealedSecret {
    const newest = this.#keys[0]!;
    return { ...sealed, keyId: newest.id, wrappedKey: encrypt(newest.key, this.#dataKey(sealed, context), context) };
  }

  #dataKey(sealed: SealedSecret, context: string): Buffer {
    const master = this.#keys.find(({ id }) => id === sealed.keyId);
    if (!master) throw new SecretError(`The key "${sealed.keyId}" that seals a secret is not configured.`);
    return decrypt(master.key, sealed.wrappedKey, context);
  }
}

function encrypt(key: Buffer, text: Buffer, context: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(context, "utf8"));
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString("base64");
}

function decrypt(key: Buffer, sealed: string, context: string): Buffer {
  const bytes = Buffer.from(sealed, "base64");
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context, "utf8")).setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new SecretError("A secret does not open: it was changed, or it belongs to another record.", { cause });
  }
}
