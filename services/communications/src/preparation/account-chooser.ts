import type { Reason } from "@cadenza/contracts";
import type { EmailAccountDocument } from "@cadenza/sending";
import type { OrganizationScope } from "@cadenza/storage";
import type { EmailAccountStore } from "../email-accounts/store.ts";
import type { SendingUsage } from "../email-accounts/usage.ts";
import { chooseAccount } from "./choose-account.ts";

export type Choose = (senderId: string, chosenAccountIds: readonly string[]) => EmailAccountDocument | Reason;

/** Loads what the choice of accounts for a batch of senders depends on, in two reads. */
export class AccountChooser {
  readonly #accounts: EmailAccountStore;
  readonly #usage: SendingUsage;

  constructor(options: { accounts: EmailAccountStore; usage: SendingUsage }) {
    this.#accounts = options.accounts;
    this.#usage = options.usage;
  }

  /** @returns a choice that counts what it gives out: a batch spreads over a sender's accounts. */
  async load(
    scope: OrganizationScope,
    wanted: readonly { senderId: string; chosenAccountIds: readonly string[] }[],
    at: Date,
  ): Promise<Choose> {
    const accounts = await this.#accounts.findCandidates(
      scope,
      wanted.map(({ senderId }) => senderId),
      wanted.flatMap(({ chosenAccountIds }) => chosenAccountIds),
    );
    const byOwner = Map.groupBy(accounts, ({ ownerId }) => ownerId);
    const byId = new Map(accounts.map((account) => [account._id, account]));
    const contested = [...byOwner.values()].filter((own) => own.length > 1).flat();
    const counts = await this.#usage.of(
      scope,
      contested.map(({ _id }) => _id),
      at,
    );
    const countOf = (id: string) => counts.get(id) ?? { lastHour: 0, last24Hours: 0, queued: 0 };
    return (senderId, chosenAccountIds) => {
      const chosen = chosenAccountIds.flatMap((id) => byId.get(id) ?? []);
      const choice = chooseAccount({ senderId, chosen, own: byOwner.get(senderId) ?? [], countOf });
      if ("_id" in choice) counts.set(choice._id, { ...countOf(choice._id), queued: countOf(choice._id).queued + 1 });
      return choice;
    };
  }
}
