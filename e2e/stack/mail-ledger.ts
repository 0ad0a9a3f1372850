import { SMTPServer } from "smtp-server";

export type AcceptedMail = { to: string; messageId: string; subject: string };

/** A mail server that stands outside the product and writes down what it accepted: the judge of what was sent, and how often. */
export class MailLedger {
  readonly accepted: AcceptedMail[] = [];
  readonly #server: SMTPServer;
  port = 0;

  /** @param options.delayMs how long it takes to accept a message (default 10). */
  constructor(options: { delayMs?: number } = {}) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS", "AUTH"],
      onData: (stream, session, answer) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () =>
          setTimeout(() => {
            const head = Buffer.concat(chunks)
              .toString("utf8")
              .split("\r\n\r\n", 1)[0]!
              .replace(/\r\n[ \t]+/g, " ");
            const header = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim() ?? "";
            for (const { address } of session.envelope.rcptTo)
              this.accepted.push({ to: address, messageId: header("Message-ID"), subject: header("Subject") });
            answer();
          }, options.delayMs ?? 10),
        );
      },
    });
    // A client that was killed resets its connection.
    this.#server.on("error", () => undefined);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", () => resolve()));
    const address = this.#server.server.address();
    if (address && typeof address === "object") this.port = address.port;
    return this;
  }

  /** How often each (recipient, subject) was accepted. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { to, subject } of this.accepted)
      counts.set(`${to} ${subject}`, (counts.get(`${to} ${subject}`) ?? 0) + 1);
    return counts;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
