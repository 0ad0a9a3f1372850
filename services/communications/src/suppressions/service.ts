import type { Committer } from "@cadenza/messaging";
import {
  type Channel,
  SUPPRESSION_ADDRESS_INDEX,
  type SuppressionCode,
  type SuppressionDocument,
  suppressionOf,
} from "@cadenza/sending";
import { isDuplicateKey, type OrganizationScope } from "@cadenza/storage";
import { type Answer, done, refused } from "../answer.ts";
import type { MessageClosing } from "../messages/closing.ts";
import { isMailAddress } from "../preparation/mail-address.ts";
import { REASONS } from "../preparation/reasons.ts";
import type { SuppressionStore } from "./store.ts";

export type SuppressionReason = SuppressionDocument["reason"];

const MESSAGES: Record<SuppressionCode, string> = {
  UNSUBSCRIBED: "The recipient has unsubscribed.",
  BOUNCED: "The address does not take mail.",
  COMPLAINED: "The recipient has marked a message as spam.",
};
const BY_A_PERSON = "A user of this organization has taken the address off all lists.";

/** Addresses that get nothing more, and what that does to messages on their way (EML-7). */
export class SuppressionService {
  readonly #store: SuppressionStore;
  readonly #closing: MessageClosing;
  readonly #committer: Committer;

  constructor(options: { store: SuppressionStore; closing: MessageClosing; committer: Committer }) {
    this.#store = options.store;
    this.#closing = options.closing;
    this.#committer = options.committer;
  }

  /** By a person. An address that is suppressed already stays as it is. */
  async suppress(scope: OrganizationScope, channel: Channel, address: string): Promise<Answer<SuppressionDocument>> {
    if (!isMailAddress(address.trim())) return refused("INVALID_ADDRESS", "This is not an email address.", ["address"]);
    return done(await this.add(scope, channel, address, { code: "UNSUBSCRIBED", message: BY_A_PERSON }));
  }

  /** By the recipient's own hand, without signing in. Idempotent. */
  async unsubscribe(scope: OrganizationScope, channel: Channel, address: string): Promise<void> {
    await this.add(scope, channel, address, { code: "UNSUBSCRIBED", message: MESSAGES.UNSUBSCRIBED });
  }

  async unsuppress(scope: OrganizationScope, channel: Channel, address: string): Promise<Answer<SuppressionDocument>> {
    return this.#committer.commit(async ({ session }) => {
      const [known] = (await this.#store.findByAddresses(scope, channel, [address], session)).values();
      if (!known) return refused("NOT_FOUND", "This address is not suppressed.", ["address"]);
      await this.#store.delete(scope, known._id, session);
      return done(known);
    });
  }

  /** The suppression, and the end of every message to the address that no provider has yet, in one transaction. */
  async add(
    scope: OrganizationScope,
    channel: Channel,
    address: string,
    reason: SuppressionReason,
  ): Promise<SuppressionDocument> {
    const at = this.#committer.clock.now();
    const fresh = suppressionOf({ organizationId: scope.organizationId, channel, address, reason, at });
    const work = () =>
      this.#committer.commit(async (unit) => {
        const known = (await this.#store.findByAddresses(scope, channel, [address], unit.session)).get(fresh.address);
        if (!known) await this.#store.insert(scope, fresh, unit.session);
        const suppression = known ?? fresh;
        await this.#closing.close(scope, { toKey: fresh.address, channel }, unit, {
          status: "CANCELED",
          outcome: "SKIPPED",
          reason: REASONS.suppressed(suppression.reason.code),
        });
        return suppression;
      });
    try {
      return await work();
    } catch (error) {
      // Two clicks at once: the second finds what the first has stored.
      if (!isDuplicateKey(error, SUPPRESSION_ADDRESS_INDEX)) throw error;
      return work();
    }
  }
}
