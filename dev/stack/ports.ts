import { freePort, isPortFree } from "@cadenza/embedded";
import { createServer } from "node:net";
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

export interface HeldPort {
  readonly port: number;
  /** Lets go of it for the program that is to have it. */
  release(): Promise<void>;
}

/**
 * The port asked for, else 4000 or the next free one after it. It is held until its program starts: another stack that
 * starts meanwhile takes another one.
 */
export async function gatewayPort(asked: number | null, say: (line: string) => void): Promise<HeldPort> {
  let port = asked ?? GATEWAY_PORT;
  let release = await hold(port);
  while (!release) {
    if (asked !== null) throw new PortTakenError(asked);
    port += 1;
    release = await hold(port);
  }
  if (asked === null && port !== GATEWAY_PORT) say(`port ${GATEWAY_PORT} is taken; the gateway takes ${port}`);
  return { port, release };
}

function hold(port: number): Promise<(() => Promise<void>) | null> {
  return new Promise((resolve) => {
    // A client of the stack that was here before tries again; holding on to it would hold up the release.
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(null));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
      resolve(() => new Promise((closed) => server.close(() => closed()))),
    );
    // Holding it keeps no stack alive that has failed.
    server.unref();
  });
}
