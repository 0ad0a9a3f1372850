import type { WebSocket } from "ws";

/** Who does not answer a ping gets the next state after this anyway; the protocol's keep-alive decides over the socket. */
const MAX_WAIT_MS = 5000;

/**
 * Tells when a client has read what was sent to it: it answers pings in order. Without this thousands of small states fit
 * between server and client, and a slow one would read old states long after they were (API-7).
 */
export class RoundTrips {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, () => void>();
  #last = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("pong", (data: Buffer) => this.#answered(Number(data.toString())));
    socket.once("close", () => this.#answered(Infinity));
  }

  /** Resolves once the client has read everything sent so far, or is gone. */
  async once(): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const number = ++this.#last;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#answered(number), MAX_WAIT_MS);
      this.#waiting.set(number, () => {
        clearTimeout(timer);
        resolve();
      });
      this.#socket.ping(String(number));
    });
  }

  /** A client may leave out answers to pings before its latest. */
  #answered(number: number): void {
    for (const [waiting, resolve] of this.#waiting) {
      if (!(waiting <= number)) return;
      this.#waiting.delete(waiting);
      resolve();
    }
  }
}
