import type { ItemOf, MessageKind } from "@cadenza/contracts";
import type { EventQueue } from "./event-queue.ts";
import type { Random } from "./random.ts";
import type { Faults } from "./simulated-process.ts";

export type SimulatedEnvelope<K extends MessageKind = MessageKind> = {
  [Kind in K]: { id: string; organizationId: string; kind: Kind; items: ItemOf<Kind>[] };
}[K];
/** Resolves once the envelope has had its effect; never, where the process died over it. */
export type Receive<K extends MessageKind = MessageKind> = (envelope: SimulatedEnvelope<K>) => Promise<void>;

const ACK_WAIT_MS = 30_000;
/** The relay finds within this what the stream no longer has. */
const REPLAY_MS = 30_000;

/** Carries envelopes late, twice, in any order, or for the time being not at all. */
export class SimulatedBus {
  readonly #receivers = new Map<MessageKind, Receive>();
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #faults: () => Faults;

  constructor(queue: EventQueue, random: Random, faults: () => Faults) {
    this.#queue = queue;
    this.#random = random;
    this.#faults = faults;
  }

  receive<K extends MessageKind>(kinds: readonly K[], receive: Receive<K>): void {
    for (const kind of kinds) this.#receivers.set(kind, receive as unknown as Receive);
  }

  publish(envelope: SimulatedEnvelope): void {
    const { lost, gone, repeated } = this.#faults();
    const isCommand = !envelope.kind.endsWith("StepEnded");
    if (isCommand && this.#random.chance(gone)) return;
    if (this.#random.chance(lost)) {
      this.#queue.after(REPLAY_MS, () => this.publish(envelope));
      return;
    }
    this.#carry(envelope);
    if (this.#random.chance(repeated)) this.#carry(envelope);
  }

  #carry(envelope: SimulatedEnvelope): void {
    const isSlow = this.#random.chance(0.1);
    this.#queue.after(this.#random.between(1, isSlow ? 20_000 : 30), () => void this.#deliver(envelope));
  }

  async #deliver(envelope: SimulatedEnvelope): Promise<void> {
    const receive = this.#receivers.get(envelope.kind);
    if (!receive) throw new Error(`Nobody receives ${envelope.kind}.`);
    const takeBack = this.#queue.after(ACK_WAIT_MS, () => this.#carry(envelope));
    await receive(envelope);
    takeBack();
  }
}
