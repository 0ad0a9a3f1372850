import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * - `pass`: bytes go through.
 * - `cut`: open connections are closed with a reset, and so is each new one.
 * - `stall`: connections stay open and no byte moves (SIGSTOP, a lost packet).
 */
export type FaultMode = "pass" | "cut" | "stall";

export interface FaultProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** How many connections have been made to it. */
  readonly connections: number;
  set(mode: FaultMode): void;
  /** Milliseconds that each chunk waits, in both directions. */
  latency(ms: number): void;
  close(): Promise<void>;
}

export interface FaultProxyOptions {
  /** host:port, or a URL that has both (mongodb://…, nats://…). */
  readonly target: string;
}

/** A TCP proxy on a free port of 127.0.0.1, between a program and a server it depends on. */
export async function startFaultProxy({ target }: FaultProxyOptions): Promise<FaultProxy> {
  const { hostname, port } = new URL(target.includes("://") ? target : `tcp://${target}`);
  const sockets = new Set<Socket>();
  let mode: FaultMode = "pass";
  let delayMs = 0;
  let connections = 0;

  const forward = (from: Socket, to: Socket): void => {
    let inOrder = Promise.resolve();
    from.on("data", (chunk) => {
      if (delayMs === 0) return void to.write(chunk);
      const arrival = new Promise<void>((resolve) => setTimeout(resolve, delayMs));
      inOrder = Promise.all([inOrder, arrival]).then(() => void to.write(chunk));
    });
    from.on("end", () => void inOrder.then(() => to.end()));
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    // A reset is what this proxy is for; both ends see it as their own error.
    from.on("error", () => to.destroy());
  };

  const apply = (socket: Socket): void => {
    if (mode === "cut") socket.resetAndDestroy();
    else if (mode === "stall") socket.pause();
    else socket.resume();
  };

  const server = createServer((client) => {
    connections++;
    if (mode === "cut") return void client.resetAndDestroy();
    const upstream = connect(Number(port), hostname);
    sockets.add(client).add(upstream);
    forward(client, upstream);
    forward(upstream, client);
    apply(client);
    apply(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    set: (next) => {
      mode = next;
      for (const socket of sockets) apply(socket);
    },
    latency: (ms) => {
      delayMs = ms;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
