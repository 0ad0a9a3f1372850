import type { Logger } from "@cadenza/platform";
import type { EmailAccountDocument } from "@cadenza/sending";
import type { HeldBack } from "./held-back.ts";
import type { HoldNotices } from "./hold-notices.ts";

export type AccountHoldsOptions = {
  heldBack: HeldBack;
  notices: HoldNotices;
  log: Pick<Logger, "warn">;
  isStopped: () => boolean;
  /** Gets what goes on after the answer. */
  goOn: (work: Promise<void>) => void;
};

/** Changes what holds an account's messages at once; their runs hear of it page by page, while others are served. */
export class AccountHolds {
  readonly #options: AccountHoldsOptions;

  constructor(options: AccountHoldsOptions) {
    this.#options = options;
  }

  byPause(account: EmailAccountDocument): Promise<void> {
    return this.#change(account, () => this.#options.heldBack.byPause(account));
  }

  byOtherLimits(account: EmailAccountDocument): Promise<void> {
    return this.#change(account, () => this.#options.heldBack.byOtherLimits(account));
  }

  byResumption(account: EmailAccountDocument, options: { told: boolean }): Promise<void> {
    return this.#change(account, () => this.#options.heldBack.byResumption(account, options));
  }

  /** As `byPause`; what fails is done by the next look at the account. */
  async tryByPause(account: EmailAccountDocument): Promise<void> {
    try {
      await this.byPause(account);
    } catch (error) {
      this.#options.log.warn(
        { err: error, accountId: account._id },
        "Messages of a paused account could not be marked.",
      );
    }
  }

  async #change(account: EmailAccountDocument, change: () => Promise<void>): Promise<void> {
    const { notices, log, isStopped, goOn } = this.#options;
    await change();
    const told = notices.tell(account, isStopped);
    goOn(
      told.catch((error: unknown) => {
        log.warn({ err: error, accountId: account._id }, "Runs could not be told what holds messages.");
      }),
    );
  }
}
