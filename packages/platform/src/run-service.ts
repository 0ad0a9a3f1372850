import type { z } from "zod";
import { type Clock, OffsetClock, realClock } from "./clock.ts";
import { ConfigError, readConfig } from "./config.ts";
import { Lifecycle } from "./lifecycle.ts";
import { createLogger, type Logger } from "./logger.ts";
import { Metrics } from "./metrics.ts";
import { OpsServer } from "./ops-server.ts";
import { startTracing } from "./tracing.ts";

/** What a service is given to start with. */
export type ServiceContext<C> = {
  config: C;
  log: Logger;
  metrics: Metrics;
  /** An `OffsetClock` where TEST_CLOCK is set, else the real one. */
  clock: Clock;
  lifecycle: Lifecycle;
  http: OpsServer;
};

type BaseValues = {
  PORT: number;
  LOG_LEVEL: string;
  REPLICA: number;
  TEST_CLOCK?: boolean;
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
};

/**
 * A service's life: reads its configuration, answers `/healthz` at once and `/readyz` once `start` is through and all
 * its checks pass, and ends in good order on SIGTERM. A wrong configuration or a failed start ends the process with 1.
 */
export async function runService<S extends z.ZodType<BaseValues>>(options: {
  name: string;
  configSchema: S;
  env: Record<string, string | undefined>;
  start: (context: ServiceContext<z.infer<S>>) => Promise<void>;
}): Promise<void> {
  let config: z.infer<S>;
  try {
    config = readConfig(options.configSchema, options.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${options.name}: ${error.message}\n`);
    process.exit(1);
  }
  const log = createLogger({ service: options.name, level: config.LOG_LEVEL, replica: config.REPLICA });
  const metrics = new Metrics({ service: options.name, replica: config.REPLICA });
  const lifecycle = new Lifecycle({ log });
  const http = new OpsServer({ log, metrics });
  const clock = config.TEST_CLOCK ? new OffsetClock() : realClock;
  lifecycle.onClose("tracing", startTracing({ service: options.name, endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT }));
  lifecycle.onClose("http", () => http.close());
  lifecycle.listenForSignals();
  // What nobody caught leaves the process in a state nobody knows: it ends, and what it held is taken up by others.
  process.on("unhandledRejection", (error) => leave(log, error));
  process.on("uncaughtException", (error) => leave(log, error));

  let started = false;
  http.ready("started", () => started);
  try {
    await http.listen(config.PORT);
    await options.start({ config, log, metrics, clock, lifecycle, http });
  } catch (error) {
    log.fatal({ err: error }, "The start failed.");
    await lifecycle.end();
    process.exit(1);
  }
  started = true;
  // Registered last, so that draining begins with it.
  lifecycle.onDrain("readiness", () => http.drain());
  log.info({ port: http.port }, "Started.");
}

function leave(log: Logger, error: unknown): void {
  log.fatal({ err: error }, "An error that nobody handled; leaving.");
  process.exit(1);
}
