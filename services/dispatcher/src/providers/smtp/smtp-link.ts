import { Readable } from "node:stream";
import type { EmailAccountDocument } from "@cadenza/sending";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { Attempt } from "../provider.ts";
import { NotStarted, smtpFailure } from "./smtp-failure.ts";

/** How long a server may take, in real milliseconds. */
export type SmtpTimeouts = {
  /** For the TCP and TLS connection (default 10,000). */
  connectMs: number;
  /** For the first line of the server (default 10,000). */
  greetingMs: number;
  /** For each answer after that (default 60,000). */
  answerMs: number;
};

export const SMTP_TIMEOUTS: SmtpTimeouts = { connectMs: 10_000, greetingMs: 10_000, answerMs: 60_000 };

/** One connection to an account's server, signed in, for one message after another. */
export class SmtpLink {
  readonly #connection: SMTPConnection;
  #usable = true;
  #sent = 0;

  private constructor(connection: SMTPConnection) {
    this.#connection = connection;
    connection.on("end", () => {
      this.#usable = false;
    });
  }

  /**
   * @param options.address where the host name leads, resolved and checked.
   * @throws SmtpFailure
   */
  static async open(options: {
    smtp: EmailAccountDocument["smtp"];
    address: string;
    password: string | null;
    timeouts: SmtpTimeouts;
  }): Promise<SmtpLink> {
    const { smtp, address, password, timeouts } = options;
    const connection = new SMTPConnection({
      host: address,
      servername: smtp.host,
      port: smtp.port,
      secure: smtp.security === "TLS",
      requireTLS: smtp.security === "STARTTLS",
      ignoreTLS: smtp.security === "NONE",
      tls: { servername: smtp.host },
      connectionTimeout: timeouts.connectMs,
      greetingTimeout: timeouts.greetingMs,
      socketTimeout: timeouts.answerMs,
      allowInternalNetworkInterfaces: true,
    });
    try {
      await new Promise<void>((resolve, reject) => {
        connection.once("error", reject);
        connection.connect((error) => (error ? reject(error) : resolve()));
      });
      if (smtp.username !== null) {
        const credentials = { user: smtp.username, pass: password ?? "" };
        await new Promise<void>((resolve, reject) => {
          connection.login({ credentials }, (error) => (error ? reject(error) : resolve()));
        });
      }
    } catch (error) {
      connection.on("error", () => undefined);
      connection.close();
      throw smtpFailure(error, false);
    }
    // A send in flight hears of it through its own callback; between sends, `end` says that the link is gone.
    connection.on("error", () => undefined);
    return new SmtpLink(connection);
  }

  /** Whether another message may go over it. */
  get usable(): boolean {
    return this.#usable;
  }

  get sent(): number {
    return this.#sent;
  }

  /**
   * Resolves with the server's reply to the message.
   * @throws SmtpFailure, or NotStarted where the attempt was called off in time.
   */
  async send(attempt: Attempt): Promise<string> {
    let begun = false;
    let calledOff = false;
    const body = new Readable({
      // First asked for once the server has said 354: until then nothing of the message has left.
      read() {
        if (!attempt.mayStart()) {
          calledOff = true;
          this.destroy(new NotStarted());
          return;
        }
        begun = true;
        this.push(attempt.raw);
        this.push(null);
      },
    });
    const { from, to } = attempt.envelope;
    this.#sent += 1;
    try {
      return await new Promise<string>((resolve, reject) => {
        const envelope = { from, to: [to], size: attempt.raw.byteLength };
        this.#connection.send(envelope, body, (error, info) => (error ? reject(error) : resolve(info?.response ?? "")));
      });
    } catch (error) {
      // In the middle of DATA the connection cannot be used for anything else.
      if (begun || calledOff) this.close();
      else await this.#reset();
      throw calledOff ? new NotStarted() : smtpFailure(error, begun);
    }
  }

  close(): void {
    this.#usable = false;
    this.#connection.close();
  }

  /** Readies the session for the next message after a refusal; a session that does not answer to it is closed. */
  async #reset(): Promise<void> {
    if (!this.#usable) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#connection.off("end", done);
        resolve();
      };
      this.#connection.once("end", done);
      this.#connection.reset((error) => {
        if (error) this.close();
        done();
      });
    });
  }
}
