import { setTimeout as wait } from "node:timers/promises";
import { type Logger, type Metrics, type OpsServer, realClock, UnauthenticatedError } from "@cadenza/platform";
import type { ExecutionArgs, GraphQLError } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Callers } from "../callers.ts";
import type { Principal } from "../identity/principal.ts";
import { liveError } from "./live-error.ts";
import type { LiveResult } from "./live-execution.ts";
import { type OperationRequest, type Operations, toGraphqlError } from "./operations.ts";
import { PrincipalCount } from "./principal-count.ts";
import { RoundTrips } from "./round-trips.ts";
import { Subscriber } from "./subscriber.ts";

export type SocketServerOptions = {
  http: OpsServer;
  callers: Callers;
  operations: Operations;
  maxSockets: number;
  maxSubscriptions: number;
  metrics: Metrics;
  log: Logger;
};

/** Close codes of graphql-transport-ws, and 1012 of RFC 6455's registry: "service restart". */
const UNAUTHORIZED = 4401;
const TOO_MANY = 4429;
const SERVICE_RESTART = 1012;
const MAX_MESSAGE_BYTES = 256 * 1024;
/** `setTimeout` cannot wait longer. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Sockets are closed in so many batches, with some 50 ms in between, so that clients do not all come back at once. */
const CLOSE_BATCHES = 20;
const CLOSE_PAUSE_MS = 50;

type Held = { principal: Principal; expiry: NodeJS.Timeout | undefined; roundTrips: RoundTrips };

/** graphql-transport-ws on the path of the graph (API-1, API-7). */
export class SocketServer {
  readonly #options: SocketServerOptions;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  readonly #held = new WeakMap<WebSocket, Held>();
  readonly #perPrincipal: { sockets: PrincipalCount; subscriptions: PrincipalCount };
  #subscriptions = 0;
  #draining = false;

  constructor(options: SocketServerOptions) {
    this.#options = options;
    this.#perPrincipal = {
      sockets: new PrincipalCount(options.maxSockets),
      subscriptions: new PrincipalCount(options.maxSubscriptions),
    };
    options.metrics.gauge("gateway_sockets", "Open WebSockets.", [], (gauge) => gauge.set(this.#sockets.clients.size));
    options.metrics.gauge("gateway_subscriptions", "Open subscriptions.", [], (gauge) =>
      gauge.set(this.#subscriptions),
    );
    this.#upgrade();
    this.#serve();
  }

  /** Closes all sockets, a batch at a time (REL-5). */
  async drain(): Promise<void> {
    this.#draining = true;
    const sockets = [...this.#sockets.clients].sort(() => Math.random() - 0.5);
    const batch = Math.max(10, Math.ceil(sockets.length / CLOSE_BATCHES));
    for (let i = 0; i < sockets.length; i += batch) {
      for (const socket of sockets.slice(i, i + batch)) socket.close(SERVICE_RESTART, "Service restart");
      if (i + batch < sockets.length) await wait(CLOSE_PAUSE_MS * (0.5 + Math.random()));
    }
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
  }

  #upgrade(): void {
    this.#options.http.server.on("upgrade", (request, socket, head) => {
      const isGraph = (request.url ?? "").split("?", 1)[0] === "/graphql";
      if (!isGraph || this.#draining) {
        socket.end(`HTTP/1.1 ${isGraph ? "503 Service Unavailable" : "404 Not Found"}\r\nconnection: close\r\n\r\n`);
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#sockets.emit("connection", opened, request));
    });
  }

  #serve(): void {
    useServer<{ authorization?: unknown }, { socket: WebSocket }>(
      {
        connectionInitWaitTimeout: 5000,
        onConnect: async ({ connectionParams, extra: { socket } }) => this.#connect(socket, connectionParams),
        onClose: ({ extra: { socket } }) => this.#closed(socket),
        onSubscribe: async ({ extra: { socket } }, _id, payload) => {
          const { principal } = this.#held.get(socket)!;
          const request = payload as OperationRequest;
          try {
            const prepared = this.#options.operations.prepare(principal, request);
            if (!("document" in prepared)) return prepared;
            return { ...prepared, contextValue: { socket, principal, request } satisfies Asked };
          } catch (error) {
            const known = toGraphqlError(error);
            if (!known) throw error;
            return [known];
          }
        },
        execute: ({ contextValue }: ExecutionArgs) => this.#execute(contextValue as Asked) as never,
        subscribe: ({ contextValue, document }: ExecutionArgs) =>
          this.#subscribe(contextValue as Asked, document) as never,
        onError: ({ extra: { socket } }, _id, _payload, errors) => {
          // A caller that may not ask any more loses the socket too.
          if (errors.some(({ extensions }) => extensions?.["code"] === "UNAUTHENTICATED"))
            socket.close(UNAUTHORIZED, "Unauthorized");
        },
        // Results are formatted already; the library's own way takes them for GraphQLErrors.
        onNext: (_context, _id, _payload, _args, result) => result as never,
      },
      this.#sockets,
    );
  }

  async #connect(socket: WebSocket, parameters: { authorization?: unknown } | undefined): Promise<boolean> {
    try {
      const principal = await this.#options.callers.authenticate(parameters?.authorization);
      if (socket.readyState !== socket.OPEN) return false;
      if (!this.#perPrincipal.sockets.take(principal.key)) {
        socket.close(TOO_MANY, "Too many sockets");
        return false;
      }
      const leftMs = principal.expiresAtMs === null ? undefined : principal.expiresAtMs - realClock.now().getTime();
      const expiry =
        leftMs === undefined
          ? undefined
          : setTimeout(() => socket.close(UNAUTHORIZED, "The token has run out"), Math.min(leftMs, MAX_TIMER_MS));
      this.#held.set(socket, { principal, expiry, roundTrips: new RoundTrips(socket) });
      return true;
    } catch (error) {
      if (error instanceof UnauthenticatedError) socket.close(UNAUTHORIZED, "Unauthorized");
      else {
        this.#options.log.warn({ err: error }, "A socket's caller could not be looked up.");
        socket.close(SERVICE_RESTART, "Please connect again");
      }
      // The library would close with 4403; the socket is closing already.
      return false;
    }
  }

  #closed(socket: WebSocket): void {
    const held = this.#held.get(socket);
    if (!held) return;
    clearTimeout(held.expiry);
    this.#held.delete(socket);
    this.#perPrincipal.sockets.release(held.principal.key);
  }

  async #execute({ principal, request }: Asked): Promise<LiveResult> {
    try {
      return await this.#options.operations.execute(principal, request);
    } catch (error) {
      return { errors: [this.#known(error).toJSON()] };
    }
  }

  /** Not a generator: one that waits for a state could not be told that its subscriber has gone. */
  async #subscribe({ socket, principal, request }: Asked, document: ExecutionArgs["document"]): Promise<Subscriber> {
    const { subscriptions } = this.#perPrincipal;
    if (!subscriptions.take(principal.key))
      return Subscriber.ended(liveError("RATE_LIMITED", "Too many subscriptions are open."));
    const release = (): void => {
      this.#subscriptions--;
      subscriptions.release(principal.key);
    };
    this.#subscriptions++;
    try {
      const subscriber = await this.#options.operations.subscribe(principal, request, document);
      subscriber.onDone(release);
      const roundTrips = this.#held.get(socket)?.roundTrips;
      if (roundTrips) subscriber.paceBy(() => roundTrips.once());
      return subscriber;
    } catch (error) {
      release();
      return Subscriber.ended(this.#known(error));
    }
  }

  #known(error: unknown): GraphQLError {
    const known = toGraphqlError(error);
    if (!known) this.#options.log.error({ err: error }, "A socket's operation failed.");
    return known ?? liveError("INTERNAL", "Something went wrong on our side.");
  }
}

type Asked = { socket: WebSocket; principal: Principal; request: OperationRequest };
