import { z } from "zod";

/** What every service reads. Spread it into the service's own schema. */
export const baseConfig = {
  /** Port of `/graphql`, `/healthz`, `/readyz`, `/metrics`; 0 takes a free one. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  MONGO_URL: z.string().startsWith("mongodb"),
  NATS_URL: z.string().min(1),
  /** Signs what services say of the caller to each other; at least 32 characters. */
  INTERNAL_SECRET: z.string().min(32),
  /** "1": the clock can be moved forward (OPS-3). */
  TEST_CLOCK: flag(),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
  /** Number of this replica among those of its service. */
  REPLICA: z.coerce.number().int().min(0).default(0),
  /** Copies that JetStream keeps of each stream: 1 or 3. */
  NATS_REPLICAS: z.coerce.number().int().min(1).max(5).default(1),
  /** OTLP over HTTP; traces are not exported without it. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().url().optional(),
};

/** "1" or "true" is true, "0", "false" and "" are false; false by default. */
export function flag() {
  return z
    .enum(["0", "1", "true", "false", ""])
    .default("0")
    .transform((text) => text === "1" || text === "true");
}

export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
  }
}

/**
 * Reads the environment once.
 * @throws ConfigError naming every variable at fault and what was expected of it.
 */
export function readConfig<T extends z.ZodType>(schema: T, env: Record<string, string | undefined>): z.infer<T> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
}
