import type { EmailAccountDocument } from "@cadenza/sending";
import type { Ledger } from "../limits/ledger.ts";
import type { Head } from "./queue-store.ts";

/** After the first refusal that concerns the whole account it rests this long, doubled with each further one. */
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;

/** One account as its owner holds it: the first of its messages, what it may still send, what is under way. */
export class AccountQueue {
  account: EmailAccountDocument;
  ledger: Ledger;
  /** The lease epoch under which all of this was read. */
  readonly epoch: number;
  /** In due order; only the first of what is queued. */
  heads: Head[] = [];
  /** Whether the database may have more behind the heads. */
  more = false;
  /** Ids of messages between their turn and their committed outcome. */
  readonly inFlight = new Set<string>();
  /** Nothing is known to be ready before; a wake-up resets it. */
  idleUntilMs = 0;
  restUntilMs = 0;
  /** Its heads are being marked with what holds them. */
  marking = false;
  /** A timer for the next instant at which it may send is set. */
  armed = false;
  #refusals = 0;
  #credentialRefusals = 0;

  constructor(account: EmailAccountDocument, ledger: Ledger, epoch: number) {
    this.account = account;
    this.ledger = ledger;
    this.epoch = epoch;
  }

  get organizationId(): string {
    return this.account.organizationId;
  }

  /** Something it holds may go out then. */
  readyAgainAt(at: Date | null): void {
    if (at) this.idleUntilMs = Math.min(this.idleUntilMs, at.getTime());
  }

  /** The provider took or judged a message: the account works. */
  works(): void {
    this.#refusals = 0;
    this.#credentialRefusals = 0;
    this.restUntilMs = 0;
  }

  /** The provider refused the account as a whole. Answers how often in a row it refused the sign-in. */
  refused(scope: "ACCOUNT" | "CREDENTIALS", nowMs: number): number {
    // What was under way together is refused together: that is one refusal.
    if (nowMs >= this.restUntilMs) {
      this.restUntilMs = nowMs + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** this.#refusals);
      this.#refusals += 1;
    }
    this.#credentialRefusals = scope === "CREDENTIALS" ? this.#credentialRefusals + 1 : 0;
    return this.#credentialRefusals;
  }
}
