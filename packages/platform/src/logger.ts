import { type Logger, pino } from "pino";

export type { Logger };

/** Names of fields that hold secrets or personal addresses: never written, wherever they stand (REL-8). */
const NEVER_LOGGED = ["authorization", "password", "secret", "token", "address", "email", "number", "raw", "body"];

/** Structured JSON logs on standard output, one line an event. Give ids as fields: `log.info({ runId }, "…")`. */
export function createLogger(options: { service: string; level?: string; replica?: number }): Logger {
  return pino({
    level: options.level ?? "info",
    base: { service: options.service, replica: options.replica ?? 0 },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: NEVER_LOGGED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[redacted]" },
  });
}
