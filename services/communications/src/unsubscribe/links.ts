import { createHmac, timingSafeEqual } from "node:crypto";
import { addressKey, type Channel, CHANNELS, deriveKey, type SecretKeys } from "@cadenza/sending";
import { type OrganizationScope, organizationScope } from "@cadenza/storage";

export type Unsubscription = { scope: OrganizationScope; channel: Channel; address: string };

export const UNSUBSCRIBE_PATH = "/unsubscribe/";

/** Long enough that none is guessed: NIST SP 800-107 §5.3.3 asks for 64 bits or more. */
const SIGNATURE_BYTES = 16;

/**
 * Links that let their holder unsubscribe one address from one organization, and do nothing else. They hold what they are
 * for and a signature, and work for as long as the key that signed them is configured.
 */
export class UnsubscribeLinks {
  readonly #keys: readonly Buffer[];
  readonly #publicUrl: string;

  constructor(options: { keys: SecretKeys; publicUrl: string }) {
    this.#keys = options.keys.map(({ key }) => deriveKey(key, "unsubscribe"));
    this.#publicUrl = options.publicUrl;
  }

  urlFor(scope: OrganizationScope, channel: Channel, address: string): string {
    const text = [scope.organizationId, channel, addressKey(address)].join(":");
    const token = `${Buffer.from(text).toString("base64url")}.${this.#signature(this.#keys[0]!, text).toString("base64url")}`;
    return this.#publicUrl + UNSUBSCRIBE_PATH + token;
  }

  /** What a token is for; null where nobody with a key has signed it. */
  read(token: string): Unsubscription | null {
    const [encoded = "", signature = "", ...rest] = token.split(".");
    if (rest.length > 0 || token.length > 1024) return null;
    const text = Buffer.from(encoded, "base64url").toString("utf8");
    const given = Buffer.from(signature, "base64url");
    if (given.length !== SIGNATURE_BYTES) return null;
    if (!this.#keys.some((key) => timingSafeEqual(this.#signature(key, text), given))) return null;
    const [organizationId = "", channel = "", ...address] = text.split(":");
    const known = CHANNELS.find((name) => name === channel);
    return known ? { scope: organizationScope(organizationId), channel: known, address: address.join(":") } : null;
  }

  #signature(key: Buffer, text: string): Buffer {
    return createHmac("sha256", key).update(text).digest().subarray(0, SIGNATURE_BYTES);
  }
}
