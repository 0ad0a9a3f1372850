/** How far an attempt had come. `BODY`: the server had asked for the message and its first byte was on its way. */
export type SmtpPhase = "CONNECT" | "SIGN_IN" | "SENDER" | "RECIPIENT" | "DATA" | "BODY";

/** An attempt that was not accepted. `reply` is the server's last word, null where there was none. */
export class SmtpFailure extends Error {
  readonly phase: SmtpPhase;
  readonly reply: string | null;

  constructor(phase: SmtpPhase, reply: string | null, cause: unknown) {
    super(reply ?? (cause instanceof Error ? cause.message : String(cause)), { cause });
    this.name = "SmtpFailure";
    this.phase = phase;
    this.reply = reply;
  }
}

/** The attempt was called off before the first byte of the message left. */
export class NotStarted extends Error {
  constructor() {
    super("The message was kept back before its first byte left.");
    this.name = "NotStarted";
  }
}

/** The commands that nodemailer names in its errors. */
const PHASES: readonly [RegExp, SmtpPhase][] = [
  [/^AUTH/, "SIGN_IN"],
  [/^MAIL FROM/, "SENDER"],
  [/^RCPT TO/, "RECIPIENT"],
  [/^DATA/, "DATA"],
  [/^API/, "SENDER"],
];

/** @param bodyBegun whether the message's first byte may have left. */
export function smtpFailure(error: unknown, bodyBegun: boolean): SmtpFailure {
  const { code, command, response } = (error ?? {}) as { code?: unknown; command?: unknown; response?: unknown };
  const named =
    code === "EAUTH" ? "SIGN_IN" : (PHASES.find(([pattern]) => pattern.test(String(command ?? "")))?.[1] ?? "CONNECT");
  return new SmtpFailure(bodyBegun ? "BODY" : named, typeof response === "string" ? response : null, error);
}
