import type { AddressInfo, Socket } from "node:net";
import { SMTPServer, type SMTPServerAddress } from "smtp-server";

/**
 * What the server does with a message:
 * - `accept`: 250, and the message is recorded.
 * - `{ refuseRecipient: 550, text }`: answers RCPT TO with that code (4xx or 5xx).
 * - `{ refuseData: 451, text }`: answers the end of DATA with that code.
 * - `hang`: takes the message and never answers.
 * - `drop`: takes and records the message, and closes the connection instead of answering.
 */
export type SmtpBehaviour =
  | "accept"
  | "hang"
  | "drop"
  | { readonly refuseRecipient: number; readonly text?: string }
  | { readonly refuseData: number; readonly text?: string };

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header values by lower-case name, unfolded; of a repeated header the last. */
  readonly headers: Readonly<Record<string, string>>;
  readonly subject: string;
  readonly messageId: string;
  readonly raw: string;
  /** `accepted`: it was answered with 250. `taken`: the bytes came, the sender has no answer. */
  readonly state: "accepted" | "taken";
}

export interface TestSmtpServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** In order of arrival. */
  readonly messages: readonly ReceivedMail[];
  /** Number of connections opened so far. */
  readonly connections: number;
  /** From the next command on. */
  behave(behaviour: SmtpBehaviour | ((to: string) => SmtpBehaviour)): void;
  close(): Promise<void>;
}

export interface SmtpServerOptions {
  /** One for all, or by recipient (the first one for DATA). Default `accept`. */
  readonly behaviour?: SmtpBehaviour | ((to: string) => SmtpBehaviour);
  /** 0 takes a free one. Default 0. */
  readonly port?: number;
}

/** A real SMTP server on 127.0.0.1 without TLS, that accepts any sign-in and can be told to misbehave. */
export async function startSmtpServer(options: SmtpServerOptions = {}): Promise<TestSmtpServer> {
  let behaviour = options.behaviour ?? "accept";
  let connections = 0;
  const messages: ReceivedMail[] = [];
  const behaviourFor = (to: string): SmtpBehaviour => (typeof behaviour === "function" ? behaviour(to) : behaviour);

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    allowInsecureAuth: true,
    closeTimeout: 100,
    logger: false,
    onAuth: (_auth, _session, callback) => callback(null, { user: "anyone" }),
    onConnect: (_session, callback) => {
      connections += 1;
      callback();
    },
    onRcptTo: (address: SMTPServerAddress, _session, callback) => {
      const act = behaviourFor(address.address);
      if (typeof act === "object" && "refuseRecipient" in act) callback(smtpError(act.refuseRecipient, act.text));
      else callback();
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const to = rcptTo.map(({ address }) => address);
        const act = behaviourFor(to[0] ?? "");
        if (typeof act === "object" && "refuseData" in act) return callback(smtpError(act.refuseData, act.text));
        const state = act === "hang" || act === "drop" ? "taken" : "accepted";
        messages.push(received(mailFrom === false ? "" : mailFrom.address, to, Buffer.concat(chunks), state));
        if (act === "hang") return;
        if (act === "drop") return dropConnection(server, session.id);
        callback();
      });
    },
  });
  // A client that goes away in the middle is part of what tests do with it.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));

  const close = (): Promise<void> => new Promise((resolve) => server.close(resolve));
  return {
    host: "127.0.0.1",
    port: (server.server.address() as AddressInfo).port,
    messages,
    get connections() {
      return connections;
    },
    behave: (next) => {
      behaviour = next;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function smtpError(code: number, text = "told to refuse"): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

/** smtp-server has no public way to cut one session; its set of connections is stable and small. */
function dropConnection(server: SMTPServer, sessionId: string): void {
  const connections: unknown = Reflect.get(server, "connections");
  if (!(connections instanceof Set)) throw new Error("smtp-server keeps no set of connections");
  for (const connection of connections as Set<{ id: string; _socket: Socket }>) {
    if (connection.id === sessionId) connection._socket.destroy();
  }
}

function received(from: string, to: readonly string[], bytes: Buffer, state: ReceivedMail["state"]): ReceivedMail {
  const raw = bytes.toString("utf8");
  const head = raw.slice(0, raw.search(/\r?\n\r?\n/)).replaceAll(/\r?\n[ \t]+/g, " ");
  const headers = Object.fromEntries(
    head.split(/\r?\n/).map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { from, to, headers, subject: headers["subject"] ?? "", messageId: headers["message-id"] ?? "", raw, state };
}
