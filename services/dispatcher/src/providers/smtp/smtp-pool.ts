import { type EmailAccountDocument, resolvePublicAddress, type SecretBox } from "@cadenza/sending";
import { SmtpLink, type SmtpTimeouts } from "./smtp-link.ts";

/** An account under load never idles this long; one that does not need it should not hold its server's connections. */
const IDLE_MS = 5000;
/** Some servers cut a connection after 100 messages. */
const MESSAGES_A_LINK = 100;

export type SmtpPoolOptions = { secrets: SecretBox; allowPrivateNetworks: boolean; timeouts: SmtpTimeouts };

/** The connections of one account under one state of its settings. How many are open follows how many are asked for. */
export class SmtpPool {
  readonly settings: string;
  readonly #account: EmailAccountDocument;
  readonly #options: SmtpPoolOptions;
  readonly #idle: { link: SmtpLink; timer: NodeJS.Timeout }[] = [];
  #closed = false;

  constructor(account: EmailAccountDocument, options: SmtpPoolOptions) {
    this.settings = settingsOf(account);
    this.#account = account;
    this.#options = options;
  }

  /** `reused` tells whether the server may have closed it in the meantime. @throws SmtpFailure and what a look-up throws. */
  async take(): Promise<{ link: SmtpLink; reused: boolean }> {
    while (this.#idle.length > 0) {
      const { link, timer } = this.#idle.pop()!;
      clearTimeout(timer);
      if (link.usable) return { link, reused: true };
    }
    return { link: await this.fresh(), reused: false };
  }

  async fresh(): Promise<SmtpLink> {
    const { smtp, _id } = this.#account;
    const password = smtp.secret === null ? null : this.#options.secrets.open(smtp.secret, _id);
    const address = await resolvePublicAddress(smtp.host, { allowPrivate: this.#options.allowPrivateNetworks });
    return SmtpLink.open({ smtp, address, password, timeouts: this.#options.timeouts });
  }

  give(link: SmtpLink): void {
    if (this.#closed || !link.usable || link.sent >= MESSAGES_A_LINK) return link.close();
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((idle) => idle.link === link),
        1,
      );
      link.close();
    }, IDLE_MS);
    timer.unref();
    this.#idle.push({ link, timer });
  }

  get empty(): boolean {
    return this.#idle.length === 0;
  }

  close(): void {
    this.#closed = true;
    for (const { link, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      link.close();
    }
  }
}

/** Equal for equal settings. */
export function settingsOf(account: EmailAccountDocument): string {
  return JSON.stringify(account.smtp);
}
