import { freePort, isPortFree } from "@cadenza/embedded";
import { join } from "node:path";
import { z } from "zod";
import { readJsonFile, writeJsonFile } from "./json-file.ts";

const GATEWAY_PORT = 4000;
const PortFile = z.record(z.string(), z.number().int());

/**
 * Ports by name, kept with the data: stored email accounts, links in sent mails and the replica set name them, so a
 * restart takes the same ones where they are free.
 */
export class Ports {
  readonly #path: string;
  readonly #taken: Map<string, number>;
  readonly #given = new Set<number>();

  constructor(dataDir: string) {
    this.#path = join(dataDir, "ports.json");
    this.#taken = new Map(Object.entries(PortFile.parse(readJsonFile(this.#path) ?? {})));
  }

  /** The port that `take` gave to the name, else a fresh one: where it will be. */
  async place(name: string): Promise<number> {
    const port = this.#taken.get(name);
    return port !== undefined && this.#given.has(port) ? port : this.take(name);
  }

  async take(name: string): Promise<number> {
    const before = this.#taken.get(name);
    let port = before ?? (await freePort());
    while (this.#given.has(port) || !(await isPortFree(port))) port = await freePort();
    this.#given.add(port);
    if (port !== before) {
      this.#taken.set(name, port);
      writeJsonFile(this.#path, Object.fromEntries(this.#taken));
    }
    return port;
  }
}

/** A port was asked for by `--port` and another program has it. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";

  constructor(port: number) {
    super(`Port ${port} is taken by another program. Choose another: npm start -- --port ${port + 1}`);
  }
}

/** The port asked for, else 4000 or the next free one after it. */
export async function gatewayPort(asked: number | null, say: (line: string) => void): Promise<number> {
  if (asked !== null) {
    if (await isPortFree(asked)) return asked;
    throw new PortTakenError(asked);
  }
  let port = GATEWAY_PORT;
  while (!(await isPortFree(port))) port += 1;
  if (port !== GATEWAY_PORT) say(`port ${GATEWAY_PORT} is taken; the gateway takes ${port}`);
  return port;
}
