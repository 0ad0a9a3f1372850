import type { ConnectionSecurity } from "@cadenza/sending";
import { createTransport } from "nodemailer";
import { type Answer, done, refused } from "../answer.ts";

export type ServerInput = {
  host: string;
  port: number;
  security: ConnectionSecurity;
  username?: string | null;
  password?: string | null;
};

export type ConnectionCheckOptions = {
  /** The address to connect to; throws where the deployment does not allow it (REL-9). */
  resolveHost: (host: string) => Promise<string>;
  /** Longest time for greeting, TLS and sign-in together (default 10,000 ms). */
  timeoutMs?: number;
};

/** Whether a mail server takes the credentials, found out by connecting to it. Nothing is sent. */
export async function checkConnection(server: ServerInput, options: ConnectionCheckOptions): Promise<Answer<true>> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const path = ["input", "smtp"];
  let address: string;
  try {
    address = await options.resolveHost(server.host);
  } catch {
    return refused(
      "SMTP_HOST_NOT_USABLE",
      "The mail server's name cannot be found, or it stands at an address that is not allowed here.",
      [...path, "host"],
    );
  }
  const transport = createTransport({
    host: address,
    port: server.port,
    secure: server.security === "TLS",
    requireTLS: server.security === "STARTTLS",
    ignoreTLS: server.security === "NONE",
    tls: { servername: server.host },
    auth: server.username ? { user: server.username, pass: server.password ?? "" } : undefined,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" })), timeoutMs);
  });
  try {
    await Promise.race([transport.verify(), late]);
    return done(true);
  } catch (error) {
    return faultOf(error);
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

/** Says what went wrong without the server's words: those may hold anything. */
function faultOf(error: unknown): Answer<true> {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  const path = ["input", "smtp"];
  if (code === "EAUTH") {
    return refused("SMTP_AUTHENTICATION_FAILED", "The mail server does not accept the user name and password.", [
      ...path,
      "password",
    ]);
  }
  if (code === "ETLS") {
    return refused(
      "SMTP_TLS_FAILED",
      "A secure connection to the mail server cannot be made. Check security and port.",
      [...path, "security"],
    );
  }
  if (code === "ETIMEDOUT") return refused("SMTP_CONNECTION_FAILED", "The mail server does not answer in time.", path);
  const answered = responseCode ? ` It answered with ${responseCode}.` : "";
  return refused(
    "SMTP_CONNECTION_FAILED",
    `The mail server cannot be used.${answered} Check host, port and security.`,
    path,
  );
}
