import { SMTPServer } from "smtp-server";
import { subjectAndMessageId } from "./mail-header.ts";
import type { MailStore } from "./mail-store.ts";

/** The receiving side: takes any sign-in, any sender and any recipient, and answers 250 once the message is stored. */
export function createSmtpServer(store: MailStore): SMTPServer {
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    size: 25 << 20,
    closeTimeout: 500,
    onAuth: (auth, _session, callback) => callback(null, { user: auth.username ?? "anyone" }),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (stream.sizeExceeded) return callback(Object.assign(new Error("too large"), { responseCode: 552 }));
        const raw = Buffer.concat(chunks).toString("utf8");
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? "" : mailFrom.address;
        const to = rcptTo.map(({ address }) => address);
        store.add({ from, to, ...subjectAndMessageId(raw), raw }).then(
          () => callback(),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
        );
      });
    },
  });
  // A sender that goes away in the middle of a command is its own affair.
  server.on("error", () => undefined);
  return server;
}
