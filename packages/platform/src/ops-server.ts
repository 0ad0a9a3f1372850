import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import { messageOf } from "./errors.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A check that takes longer than this counts as failed. */
const CHECK_TIMEOUT_MS = 1000;

/** A process's one HTTP server: `/healthz`, `/readyz`, `/metrics`, and what the service adds by `route`. */
export class OpsServer {
  readonly server: Server;
  readonly #exact = new Map<string, Handler>();
  readonly #prefixes: { prefix: string; handler: Handler }[] = [];
  readonly #checks = new Map<string, () => Promise<boolean> | boolean>();
  readonly #log: Logger;
  #draining = false;

  constructor(options: { log: Logger; metrics: Metrics }) {
    this.#log = options.log;
    this.server = createServer((request, response) => void this.#serve(request, response));
    // Longer than any load balancer's, so that it is never the server that closes a connection under a request.
    this.server.keepAliveTimeout = 65_000;
    this.route("/healthz", (_, response) => sendJson(response, 200, { status: "ok" }));
    this.route("/readyz", (_, response) => this.#answerReady(response));
    this.route("/metrics", async (_, response) => {
      response.setHeader("content-type", options.metrics.registry.contentType);
      response.end(await options.metrics.registry.metrics());
    });
  }

  /** `path` ending in `/` matches everything beneath it, the longest first; else it must be equal. */
  route(path: string, handler: Handler): void {
    if (!path.endsWith("/") || path === "/") this.#exact.set(path, handler);
    else {
      this.#prefixes.push({ prefix: path, handler });
      this.#prefixes.sort((a, b) => b.prefix.length - a.prefix.length);
    }
  }

  /** Adds a condition of readiness, such as "mongodb". It is asked at each `/readyz`. */
  ready(name: string, check: () => Promise<boolean> | boolean): void {
    this.#checks.set(name, check);
  }

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, () => {
        this.server.off("error", reject);
        resolve();
      });
    });
    return this.port;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From here on `/readyz` is false, so that no new work is sent here. */
  drain(): void {
    this.#draining = true;
  }

  async close(): Promise<void> {
    this.server.closeIdleConnections();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    const cut = setTimeout(() => this.server.closeAllConnections(), 2000);
    await closed;
    clearTimeout(cut);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?", 1)[0]!;
    const handler = this.#exact.get(path) ?? this.#prefixes.find(({ prefix }) => path.startsWith(prefix))?.handler;
    if (!handler) return sendJson(response, 404, { error: "There is nothing at this path." });
    try {
      await handler(request, response);
    } catch (error) {
      this.#log.error({ err: error, path }, "A request failed.");
      if (!response.headersSent) sendJson(response, 500, { error: "Something went wrong on our side." });
      else response.destroy();
    }
  }

  async #answerReady(response: ServerResponse): Promise<void> {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, check]) => [name, await this.#passes(name, check)] as const),
    );
    const checks = Object.fromEntries(results);
    const ready = !this.#draining && results.every(([, passed]) => passed);
    // Who asks a port knows by the pid that it is this process that has it, and not another stack's.
    sendJson(response, ready ? 200 : 503, { ready, draining: this.#draining, checks, pid: process.pid });
  }

  async #passes(name: string, check: () => Promise<boolean> | boolean): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), CHECK_TIMEOUT_MS);
    });
    try {
      return await Promise.race([check(), late]);
    } catch (error) {
      this.#log.debug({ check: name, reason: messageOf(error) }, "A readiness check failed.");
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Answers with a JSON body. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
