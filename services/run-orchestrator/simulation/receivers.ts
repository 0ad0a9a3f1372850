import { createHash } from "node:crypto";
import type { ItemOf, PrepareEmailCommand, Reason, StepResult, WithdrawCommand } from "@cadenza/contracts";
import { isOpen, nextOpen, zoneFor } from "@cadenza/schedule";
import type { ZoneFacts } from "../src/runs/decide.ts";
import type { EventQueue } from "./event-queue.ts";
import { Random } from "./random.ts";
import type { SimulatedBus, SimulatedEnvelope } from "./simulated-bus.ts";
import type { Faults } from "./simulated-process.ts";

type Command = ItemOf<"updateLead" | "createTask" | "prepareEmail">;
type AnswerKind = "crmStepEnded" | "tasksStepEnded" | "communicationsStepEnded";
/** What a provider accepted: the outside ledger that judges. */
export type Send = { runId: string; stepId: string; key: string; at: Date; insideWindow: boolean };
type Effect = {
  command: Command;
  state: "OPEN" | "SENDING" | "UNKNOWN" | "OVER";
  sent: boolean;
  withdrawn: Reason | null;
};

const HOUR_MS = 3_600_000;
/** Share of effects after which the receiver dies before it has acknowledged. */
const UNACKNOWLEDGED = 0.03;

export type ReceiversOptions = {
  queue: EventQueue;
  bus: SimulatedBus;
  random: Random;
  faults: () => Faults;
  contactOf: (contactId: string) => ZoneFacts;
  /** Everyone whom a merge has made one with the contact, itself included. */
  formerly: (contactId: string) => readonly string[];
  onSend: (send: Send) => void;
  newId: () => string;
};

/** crm, tasks, communications and the dispatcher as the engine sees them: each key has its effect once, and one first answer. */
export class Receivers {
  readonly sends: Send[] = [];
  /** How often each key had its effect. */
  readonly effects = new Map<string, number>();
  /** Commands that were given while their window was closed. */
  readonly untimely: string[] = [];
  /** Keys of messages whose withdrawal was answered with success. */
  readonly withdrawn = new Set<string>();
  readonly #effects = new Map<string, Effect>();
  readonly #answers = new Map<string, { kind: AnswerKind; result: StepResult }>();
  readonly #options: ReceiversOptions;

  constructor(options: ReceiversOptions) {
    this.#options = options;
    options.bus.receive(["updateLead", "createTask", "prepareEmail", "withdrawTask", "withdrawMessage"], (envelope) =>
      this.#receive(envelope),
    );
  }

  /** A person looks at a message nobody knows the outcome of. @returns whether the step may be tried again. */
  resolve(key: string): boolean {
    const effect = this.#effects.get(key);
    if (effect?.state !== "UNKNOWN" && !effect?.sent) return true;
    effect.state = "OVER";
    if (effect.sent) this.#answer("communicationsStepEnded", effect.command, "DONE");
    return !effect.sent;
  }

  async #receive(envelope: SimulatedEnvelope): Promise<void> {
    switch (envelope.kind) {
      case "updateLead":
        for (const item of envelope.items) this.#once("crmStepEnded", item, () => this.#answerTo(item, "DONE"));
        break;
      case "createTask":
        for (const item of envelope.items) this.#once("tasksStepEnded", item, () => this.#openTask(item));
        break;
      case "prepareEmail":
        for (const item of envelope.items) this.#once("communicationsStepEnded", item, () => this.#queueMessage(item));
        break;
      case "withdrawTask":
        for (const item of envelope.items) this.#withdraw("tasksStepEnded", item);
        break;
      case "withdrawMessage":
        for (const item of envelope.items) this.#withdraw("communicationsStepEnded", item);
        break;
      default:
        throw new Error(`${envelope.kind} is not for the receivers.`);
    }
    if (this.#options.random.chance(this.#options.faults().repeated * UNACKNOWLEDGED))
      await new Promise(() => undefined);
  }

  #once(kind: AnswerKind, command: Command, have: () => StepResult): void {
    const known = this.#answers.get(command.key);
    if (!known)
      this.#answers.set(command.key, {
        kind,
        result: this.#fails(command.key)
          ? this.#answerTo(command, "ERROR", { code: "FAILED", message: "It failed." })
          : have(),
      });
    this.#tell(this.#answers.get(command.key)!);
  }

  #openTask(command: Command): StepResult {
    const effect = this.#open(command);
    this.#options.queue.after(chanceOf(command.key).between(1, 10) * HOUR_MS, () => {
      if (effect.state !== "OPEN") return;
      effect.state = "OVER";
      this.#answer("tasksStepEnded", command, "DONE");
    });
    return this.#answerTo(command, "WAITING");
  }

  #queueMessage(command: PrepareEmailCommand): StepResult {
    const chance = chanceOf(command.key);
    if (chance.chance(0.1)) return this.#answerTo(command, "SKIPPED", { code: "UNSUBSCRIBED", message: "No address." });
    // Asked for once more after a merge, it names the contact that survived.
    const zones = this.#options
      .formerly(command.contactId)
      .map((contactId) => this.#zoneAt({ ...command, contactId }, command.at));
    if (!zones.some((zone) => isOpen(command.schedule, zone, command.at))) this.untimely.push(command.key);
    const effect = this.#open(command);
    this.#options.queue.after(chance.between(1, 90) * 60_000, () => this.#dispatch(command, effect));
    return this.#answerTo(command, "WAITING");
  }

  #zoneAt({ schedule, contactId }: PrepareEmailCommand, at: Date): string {
    const { timeZone, phones } = this.#options.contactOf(contactId);
    return schedule ? zoneFor(schedule, { contactTimeZone: timeZone, phones, at }) : "UTC";
  }

  /** Nothing leaves outside its window because the queue was long (SCH-7). */
  #dispatch(command: PrepareEmailCommand, effect: Effect): void {
    const { queue, random, faults } = this.#options;
    if (effect.state !== "OPEN") return;
    const now = queue.now();
    const zone = this.#zoneAt(command, now);
    const opensAt = nextOpen(command.schedule, zone, now);
    if (!opensAt || opensAt > now) {
      this.#hold(command, opensAt);
      if (opensAt) queue.after(opensAt.getTime() - now.getTime(), () => this.#dispatch(command, effect));
      return;
    }
    effect.state = "SENDING";
    if (random.chance(faults().failed)) {
      queue.after(random.between(1, 2000), () => this.#tryLater(command, effect));
      return;
    }
    const unknown = random.chance(faults().failed);
    effect.sent = !unknown || random.chance(0.5);
    if (effect.sent) this.#send(command, now, isOpen(command.schedule, zone, now));
    queue.after(random.between(1, 2000), () => {
      effect.state = unknown ? "UNKNOWN" : "OVER";
      if (unknown)
        this.#answer("communicationsStepEnded", command, "ERROR", {
          code: "UNKNOWN_OUTCOME",
          message: "Nobody knows.",
        });
      else this.#answer("communicationsStepEnded", command, "DONE");
    });
  }

  #send({ runId, stepId, key }: PrepareEmailCommand, at: Date, insideWindow: boolean): void {
    const send = { runId, stepId, key, at, insideWindow };
    this.sends.push(send);
    this.#options.onSend(send);
  }

  #hold(command: PrepareEmailCommand, heldUntil: Date | null): void {
    const reason = { code: "OUTSIDE_WINDOW", message: "Closed." };
    const result = { ...this.#answerTo(command, "WAITING", reason), heldUntil };
    this.#tell({ kind: "communicationsStepEnded", result });
  }

  /** The server did not take it yet; what was withdrawn meanwhile is not tried again (GOAL-5). */
  #tryLater(command: PrepareEmailCommand, effect: Effect): void {
    if (effect.withdrawn) {
      effect.state = "OVER";
      this.#answer("communicationsStepEnded", command, "CANCELED", effect.withdrawn);
      return;
    }
    effect.state = "OPEN";
    this.#options.queue.after(60_000, () => this.#dispatch(command, effect));
  }

  /** What has not come yet is withdrawn before it comes; what has happened is answered as it happened. */
  #withdraw(kind: AnswerKind, withdrawal: WithdrawCommand): void {
    const effect = this.#effects.get(withdrawal.effectKey);
    const command = { ...withdrawal, key: withdrawal.effectKey };
    if (effect && effect.state !== "OPEN") {
      if (effect.state === "SENDING") effect.withdrawn = withdrawal.reason;
      if (effect.state === "OVER")
        this.#answer(kind, command, effect.sent || kind === "tasksStepEnded" ? "DONE" : "CANCELED");
      return;
    }
    if (effect) effect.state = "OVER";
    this.withdrawn.add(withdrawal.effectKey);
    const result = this.#answerTo(command, "CANCELED", withdrawal.reason);
    if (!this.#answers.has(command.key)) this.#answers.set(command.key, { kind, result });
    this.#tell({ kind, result });
  }

  #open(command: Command): Effect {
    const effect: Effect = { command, state: "OPEN", sent: false, withdrawn: null };
    this.effects.set(command.key, (this.effects.get(command.key) ?? 0) + 1);
    this.#effects.set(command.key, effect);
    return effect;
  }

  #fails(key: string): boolean {
    return chanceOf(`${key} fails`).chance(this.#options.faults().failed);
  }

  #answer(
    kind: AnswerKind,
    command: Pick<Command, "key" | "runId" | "stepId" | "attempt">,
    outcome: StepResult["outcome"],
    reason: Reason | null = null,
  ): void {
    this.#tell({ kind, result: this.#answerTo(command, outcome, reason) });
  }

  #answerTo(
    { key, runId, stepId, attempt }: Pick<Command, "key" | "runId" | "stepId" | "attempt">,
    outcome: StepResult["outcome"],
    reason: Reason | null = null,
  ): StepResult {
    return {
      key,
      runId,
      stepId,
      attempt,
      outcome,
      reason,
      messageId: null,
      taskId: null,
      changes: null,
      at: this.#options.queue.now(),
    };
  }

  #tell({ kind, result }: { kind: AnswerKind; result: StepResult }): void {
    const { bus, newId } = this.#options;
    bus.publish({ id: newId(), organizationId: "", kind, items: [result] });
  }
}

/** What chance makes of an effect hangs on its key alone, so that it is the same in whatever order commands arrive. */
function chanceOf(key: string): Random {
  return new Random(createHash("md5").update(key).digest().readUInt32LE(0));
}
