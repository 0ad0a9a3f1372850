import type { Committer, UnitOfWork } from "@cadenza/messaging";
import type { EmailAccountDocument, MessageDocument } from "@cadenza/sending";
import { tellHold } from "./hold-notice.ts";
import type { MessageWrite, SendingStore } from "./sending-store.ts";
import type { Settlement } from "./settlement.ts";
import { tellFate } from "./step-ended.ts";

export type Outcome = {
  /** As it was claimed: SENDING. */
  message: MessageDocument;
  settlement: Settlement;
  at: Date;
  /** To be paused with it, because its sign-in was refused time and again. */
  pause: EmailAccountDocument | null;
};

export const SIGN_IN_REFUSED = {
  code: "SIGN_IN_REFUSED",
  message: "The mail server refused this account's user name or password. Correct them, then resume the account.",
};

/** Commits what the provider answered: the message's new state, what the run is told, what is suppressed or paused. */
export class Outcomes {
  readonly #committer: Committer;
  readonly #store: SendingStore;

  constructor(options: { committer: Committer; store: SendingStore }) {
    this.#committer = options.committer;
    this.#store = options.store;
  }

  /** For each outcome, whether it was this process's to write; a message that was resolved meanwhile stays as it is. */
  commit(outcomes: readonly Outcome[]): Promise<boolean[]> {
    return this.#committer.commit((unit) => this.#commit(outcomes, unit));
  }

  async #commit(outcomes: readonly Outcome[], unit: UnitOfWork): Promise<boolean[]> {
    const { session } = unit;
    const states = await this.#store.states(
      outcomes.map(({ message }) => message._id),
      session,
    );
    const written = outcomes.map(({ message }) => {
      const state = states.get(message._id);
      return state?.status === "SENDING" && state.version === message.version;
    });
    const own = outcomes.filter((_, index) => written[index]);
    const writes = own.map(({ message, settlement: { set }, at }): MessageWrite => {
      // What held it before it was tried holds it no more.
      const notice = set.status === "QUEUED" ? tellHold(unit, message, null, at) : {};
      return { message, set: { ...set, ...notice } };
    });
    await this.#store.write(writes, this.#committer.clock.now(), session);
    const bounced = own.flatMap(({ message, settlement: { suppress: reason }, at }) =>
      reason ? [{ message, reason, at }] : [],
    );
    await this.#store.suppress(bounced, session);
    const paused = new Map(
      own.flatMap(({ pause, at }) =>
        pause ? [[pause._id, { account: pause, reason: SIGN_IN_REFUSED, at }] as const] : [],
      ),
    );
    await this.#store.pause([...paused.values()], session);
    for (const { message, settlement, at } of own) tellFate(unit, message, settlement.fate, at);
    return written;
  }
}
