import { EventEmitter, once } from "node:events";
import { eventually } from "@cadenza/testkit";
import { WebSocket } from "ws";

export type Message = { id?: string; type: string; payload?: unknown };

/** A client that speaks graphql-transport-ws word by word, so that a test sees what is really sent. */
export class SocketClient {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  closeCode: number | undefined;
  readonly #events = new EventEmitter();

  constructor(url: string) {
    this.socket = new WebSocket(url, "graphql-transport-ws");
    this.socket.on("message", (data) => this.messages.push(JSON.parse(String(data)) as Message));
    this.socket.on("close", (code) => {
      this.closeCode = code;
      this.#events.emit("close");
    });
  }

  /** Opens and says who it is; resolves once that is acknowledged or the socket is closed. */
  async connect(authorization: string): Promise<this> {
    await once(this.socket, "open");
    this.send({ type: "connection_init", payload: { authorization } });
    await eventually(() => this.closeCode !== undefined || this.messages.some(({ type }) => type === "connection_ack"));
    return this;
  }

  send(message: Message): void {
    this.socket.send(JSON.stringify(message));
  }

  subscribe(id: string, query: string, variables: Record<string, unknown> = {}): void {
    this.send({ id, type: "subscribe", payload: { query, variables } });
  }

  /** Payloads of an operation's `next` messages so far. */
  states<T = { data: Record<string, unknown> }>(id: string): T[] {
    return this.of(id, "next").map(({ payload }) => payload as T);
  }

  of(id: string, type: string): Message[] {
    return this.messages.filter((message) => message.id === id && message.type === type);
  }

  async closed(): Promise<number> {
    if (this.closeCode === undefined) await once(this.#events, "close");
    return this.closeCode!;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
