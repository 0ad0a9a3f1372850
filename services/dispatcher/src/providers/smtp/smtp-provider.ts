import type { EmailAccountDocument } from "@cadenza/sending";
import type { Answer, Attempt, Provider } from "../provider.ts";
import { SmtpFailure } from "./smtp-failure.ts";
import type { SmtpLink } from "./smtp-link.ts";
import { classifySmtp } from "./smtp-outcomes.ts";
import { SmtpPool, type SmtpPoolOptions, settingsOf } from "./smtp-pool.ts";

/** Pools without an open connection are dropped when there are more than this. */
const POOLS = 500;

/** Sends over each account's own SMTP server. It cannot be asked afterwards, so there is no look-up. */
export class SmtpProvider implements Provider {
  readonly #pools = new Map<string, SmtpPool>();
  readonly #options: SmtpPoolOptions;

  constructor(options: SmtpPoolOptions) {
    this.#options = options;
  }

  async send(attempt: Attempt): Promise<string> {
    const pool = this.#poolOf(attempt.account);
    const { link, reused } = await pool.take();
    try {
      return await this.#over(link, pool, attempt);
    } catch (error) {
      // The server had closed a connection that lay idle: the message was never asked for, so this is still its first attempt.
      const stale = reused && error instanceof SmtpFailure && error.reply === null && error.phase !== "BODY";
      if (!stale) throw error;
      return this.#over(await pool.fresh(), pool, attempt);
    }
  }

  classify(error: unknown): Answer {
    return classifySmtp(error);
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
  }

  async #over(link: SmtpLink, pool: SmtpPool, attempt: Attempt): Promise<string> {
    try {
      return providerIdOf(await link.send(attempt)) ?? attempt.messageIdHeader;
    } finally {
      pool.give(link);
    }
  }

  #poolOf(account: EmailAccountDocument): SmtpPool {
    const known = this.#pools.get(account._id);
    if (known?.settings === settingsOf(account)) return known;
    known?.close();
    if (this.#pools.size >= POOLS) this.#dropEmpty();
    const pool = new SmtpPool(account, this.#options);
    this.#pools.set(account._id, pool);
    return pool;
  }

  #dropEmpty(): void {
    for (const [id, pool] of this.#pools) if (pool.empty) this.#pools.delete(id);
  }
}

/** The queue id in a server's reply, as Postfix, Exim, Amazon SES and their kin write it. */
export function providerIdOf(reply: string): string | null {
  const named = /(?:queued as|id=|queued mail for delivery\b.*?\bid)\s*<?([A-Za-z0-9._@+/=-]{4,200})/i.exec(reply);
  return named?.[1]?.replace(/[.>]+$/, "") ?? null;
}
