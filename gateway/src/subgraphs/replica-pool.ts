import { type Dispatcher, Pool } from "undici";

/** Sockets to one replica: enough for its CPU, few enough that ten gateways do not exhaust it. */
const CONNECTIONS = 64;
const CONNECT_TIMEOUT_MS = 1000;
/** A replica that refused is left alone this long, while others answer. */
const REST_MS = 1000;

type Replica = { pool: Pool; path: string; restsUntilMs: number };

/** Nothing was sent, or the connection was lost: another replica may be asked. */
const CONNECTION_ERRORS: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_CLOSED",
  "UND_ERR_DESTROYED",
]);

export function isConnectionError(error: unknown): boolean {
  const codes = error instanceof AggregateError ? error.errors.map(codeOf) : [codeOf(error)];
  return codes.some((code) => CONNECTION_ERRORS.has(code));
}

/** A service's replicas, asked in turn over connections that stay open. */
export class ReplicaPool {
  readonly #replicas: Replica[];
  #next = 0;

  constructor(urls: readonly string[]) {
    this.#replicas = urls.map((url) => {
      const { origin, pathname } = new URL(url);
      return {
        pool: new Pool(origin, { connections: CONNECTIONS, pipelining: 1, connect: { timeout: CONNECT_TIMEOUT_MS } }),
        path: pathname,
        restsUntilMs: 0,
      };
    });
  }

  /**
   * @param options.path another path than the replica's own.
   * @param options.isRepeatable whether it may be sent twice: after a connection error it is, once, to another replica if there is one.
   */
  async request(
    options: Omit<Dispatcher.RequestOptions, "path"> & { path?: string; isRepeatable: boolean },
  ): Promise<Dispatcher.ResponseData> {
    const { isRepeatable, ...request } = options;
    const first = this.#pick();
    try {
      return await first.pool.request({ ...request, path: request.path ?? first.path });
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      first.restsUntilMs = performance.now() + REST_MS;
      if (!isRepeatable) throw error;
      const second = this.#pick();
      return second.pool.request({ ...request, path: request.path ?? second.path });
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#replicas.map(({ pool }) => pool.destroy()));
  }

  #pick(): Replica {
    const count = this.#replicas.length;
    const start = this.#next++ % count;
    const turn = Array.from({ length: count }, (_, i) => this.#replicas[(start + i) % count]!);
    const nowMs = performance.now();
    return turn.find(({ restsUntilMs }) => restsUntilMs <= nowMs) ?? turn[0]!;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
