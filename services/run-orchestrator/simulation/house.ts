import { derivedId } from "@cadenza/platform";
import { commandKey } from "../src/runs/commands.ts";
import type { Input } from "../src/runs/decide.ts";
import { EPOCH } from "../src/runs/definition-builder.ts";
import { currentExecution, ENDED_STATUSES, type Run } from "../src/runs/model.ts";
import { REASONS } from "../src/runs/reasons.ts";
import { EngineReplica, type World } from "./engine-replica.ts";
import { EventQueue } from "./event-queue.ts";
import { MemoryDatabase } from "./memory-database.ts";
import { Random } from "./random.ts";
import { Receivers } from "./receivers.ts";
import { SimulatedBus } from "./simulated-bus.ts";
import { type Faults, NO_FAULTS, SimulatedProcess } from "./simulated-process.ts";
import { ORGANIZATION, Story } from "./story.ts";

export type HouseOptions = {
  /** Of the story: who starts what, and what people do. */
  seed: number;
  /** Of the network and its faults; the story's by default. */
  networkSeed?: number;
  /** What goes wrong until the faults cease (default: a bit of everything). */
  faults?: Faults;
  /** Whether people edit, pause, skip and retry on the way (default true). */
  people?: boolean;
};

const HOUR_MS = 3_600_000;
/** Faults and people go on for so long; after that the house must come to rest by itself. */
const TROUBLED_MS = 48 * HOUR_MS;
const PATIENCE_MS = 60 * 24 * HOUR_MS;
const REPLICAS = 3;
const ADA = { kind: "USER", id: null, label: "Ada" } as const;
const ALL_FAULTS: Faults = { lost: 0.05, gone: 0.02, repeated: 0.1, stopped: 0.01, failed: 0.08 };

/** A whole house in one thread: engines that die, a bus that errs, receivers, people. It complains of what must not be. */
export class House {
  readonly queue = new EventQueue(EPOCH);
  readonly story: Story;
  readonly receivers: Receivers;
  readonly database: MemoryDatabase;
  readonly complaints: string[] = [];
  readonly #network: Random;
  readonly #people: Random;
  readonly #options: HouseOptions;
  readonly #world: World;
  readonly #replicas: EngineReplica[] = [];
  #faults: Faults;
  #ids = 0;

  constructor(options: HouseOptions) {
    this.#options = options;
    this.#faults = options.faults ?? ALL_FAULTS;
    const random = new Random(options.seed);
    this.#people = random.fork();
    this.#network = new Random(options.networkSeed ?? options.seed).fork();
    this.story = new Story(random.fork());
    this.database = new MemoryDatabase((run, before) => this.#judge(run, before));
    const faults = (): Faults => this.#faults;
    const newId = (): string => derivedId(this.queue.now(), String(this.#ids++));
    const bus = new SimulatedBus(this.queue, this.#network.fork(), faults);
    const contactOf = (contactId: string) => this.story.contactOf(contactId);
    this.receivers = new Receivers({ queue: this.queue, bus, random: this.#network.fork(), faults, contactOf, newId });
    this.#world = {
      database: this.database,
      bus,
      newId,
      definitions: {
        current: async (workflows) =>
          new Map(
            workflows.map(({ workflowId }) => [
              workflowId,
              { definition: this.story.definition, status: this.story.status },
            ]),
          ),
        revision: async (_, revision) => this.story.revisions.get(revision) ?? null,
      },
      contacts: { zonesOf: async (runs) => new Map(runs.map(({ _id, contactId }) => [_id, contactOf(contactId)])) },
    };
    for (let i = 0; i < REPLICAS; i++) this.#replicas.push(this.#newReplica(i));
    bus.receive(["crmStepEnded", "tasksStepEnded", "communicationsStepEnded"], (envelope) =>
      this.#anyReplica().receive(envelope),
    );
  }

  /** Plays the story to its end. @returns what must not be and was. */
  async play(): Promise<string[]> {
    for (const { afterMs, start } of this.story.starts) this.queue.after(afterMs, () => this.#startFor(start));
    if (this.#options.people !== false) this.#letPeopleAct();
    this.#letReplicasDie();
    this.queue.after(TROUBLED_MS, () => this.#calmDown());
    const rested = await this.queue.run(() => this.#isAtRest(), new Date(EPOCH.getTime() + PATIENCE_MS));
    if (!rested) this.#complainOfStuck();
    await this.queue.run(() => false, new Date(this.queue.now().getTime() + 24 * HOUR_MS));
    this.#judgeLedger();
    return this.complaints;
  }

  /** What became of each run, and what left the house: what must not hang on the order of deliveries. */
  result(): unknown {
    const runs = [...this.database.runs.values()].map(({ _id, status, executions }) => ({
      _id,
      status,
      steps: executions.map(({ stepId, status: end }) => [stepId, end]),
    }));
    return {
      runs: runs.toSorted((a, b) => (a._id < b._id ? -1 : 1)),
      sends: this.receivers.sends.map(({ key }) => key).toSorted(),
    };
  }

  #newReplica(index: number): EngineReplica {
    const process = new SimulatedProcess(this.queue, this.#network.fork(), () => this.#faults);
    return new EngineReplica(process, this.#world, { index, of: REPLICAS });
  }

  #anyReplica(): EngineReplica {
    return this.#network.pick(this.#replicas);
  }

  #startFor(start: Parameters<EngineReplica["start"]>[0]): void {
    if (this.database.runs.has(start.id)) return;
    void this.#anyReplica().start(start);
    this.queue.after(5 * 60_000, () => this.#startFor(start));
  }

  /** A killed replica's shards lie idle until another is there; now and then two believe to hold the same. */
  #letReplicasDie(): void {
    const troubled = this.queue.now().getTime() - EPOCH.getTime() < TROUBLED_MS;
    if (!troubled || this.#faults.lost === 0) return;
    const index = this.#network.between(0, REPLICAS - 1);
    this.#replicas[index]!.process.kill();
    this.queue.after(this.#network.between(100, 10_000), () => {
      this.#replicas[index] = this.#newReplica(index);
      const greedy = this.#network.pick(this.#replicas);
      greedy.share = this.#network.chance(0.3)
        ? { index: 0, of: 1 }
        : { index: this.#replicas.indexOf(greedy), of: REPLICAS };
    });
    this.queue.after(this.#network.between(60_000, 6 * HOUR_MS), () => this.#letReplicasDie());
  }

  #letPeopleAct(): void {
    if (this.queue.now().getTime() - EPOCH.getTime() >= TROUBLED_MS) return;
    const random = this.#people;
    const run = random.pick([...this.database.runs.values(), undefined]);
    if (!run || random.chance(0.4)) this.#edit();
    else if (random.chance(0.3)) this.#putRight(run);
    else void this.#anyReplica().act(run._id, this.#anyInput());
    this.queue.after(random.between(60_000, 5 * HOUR_MS), () => this.#letPeopleAct());
  }

  #anyInput(): Input {
    const kind = this.#people.pick(["pause", "pause", "resume", "skipStep", "cancel"] as const);
    return kind === "skipStep" ? { kind, actor: ADA, stepId: null } : { kind, actor: ADA };
  }

  #edit(): void {
    if (this.#people.chance(0.1)) this.story.status = this.story.status === "ACTIVE" ? "ARCHIVED" : "ACTIVE";
    else this.story.edit();
    const some = [...this.database.runs.keys()].filter(() => this.#people.chance(0.7));
    if (some.length > 0) void this.#anyReplica().retime(some, ORGANIZATION);
  }

  #calmDown(): void {
    this.#faults = NO_FAULTS;
    this.story.status = "ACTIVE";
    for (const [index, replica] of this.#replicas.entries()) {
      replica.share = { index, of: REPLICAS };
      replica.wake();
    }
    this.#putAllRight();
  }

  #putAllRight(): void {
    for (const run of this.database.runs.values()) this.#putRight(run);
    this.queue.after(3 * HOUR_MS, () => this.#putAllRight());
  }

  /** A careful person: a message of unknown outcome is looked into before it is tried again. */
  #putRight(run: Run): void {
    const replica = this.#anyReplica();
    if (run.status === "PAUSED") void replica.act(run._id, { kind: "resume", actor: ADA });
    const current = currentExecution(run);
    if (run.status !== "ERROR" || !current) return;
    const mayRetry =
      current.attempt === 0 || this.receivers.resolve(commandKey(run._id, current.stepId, current.attempt));
    if (mayRetry) void replica.act(run._id, { kind: "retry", actor: ADA }, current.attempt);
  }

  #isAtRest(): boolean {
    const { runs } = this.database;
    return (
      this.#faults === NO_FAULTS &&
      runs.size === this.story.starts.length &&
      [...runs.values()].every((run) => !run.open)
    );
  }

  #judge(run: Run, before: Run | undefined): void {
    if (run.status === "ACTIVE" && !run.wakeAt) this.#complain(run, "is active and has no alarm");
    if (run.executions.filter(({ status }) => !ENDED_STATUSES.has(status)).length > 1)
      this.#complain(run, "stands at two steps");
    if (before && run.version !== before.version + 1)
      this.#complain(run, `jumped from version ${before.version} to ${run.version}`);
    if (run.reason?.code === REASONS.internalError.code) this.#complain(run, "was given up");
    for (const [index, { status, stepId }] of (before?.executions ?? []).entries()) {
      const now = run.executions[index];
      const filledIn = run.status === "CANCELED" && status === "CANCELED" && now?.status === "DONE";
      if (ENDED_STATUSES.has(status) && (now?.stepId !== stepId || now.status !== status) && !filledIn)
        this.#complain(run, `had a step end as ${status} and then as ${now?.status}`);
    }
  }

  #judgeLedger(): void {
    const { sends, effects, untimely } = this.receivers;
    for (const key of untimely) this.complaints.push(`${key} was asked for while its window was closed.`);
    for (const [step, own] of Map.groupBy(sends, ({ runId, stepId }) => `${runId}:${stepId}`)) {
      if (own.length > 1) this.complaints.push(`Step ${step} was sent ${own.length} times.`);
    }
    for (const send of sends) if (!send.insideWindow) this.complaints.push(`${send.key} was sent outside its window.`);
    for (const [key, count] of effects) if (count > 1) this.complaints.push(`${key} had its effect ${count} times.`);
    const sent = new Set(sends.map(({ runId, stepId }) => `${runId}:${stepId}`));
    for (const run of this.database.runs.values()) {
      for (const { kind, status, stepId } of run.executions) {
        if (kind === "EMAIL" && status === "DONE" && !sent.has(`${run._id}:${stepId}`))
          this.#complain(run, `shows a message as sent that never was`);
      }
    }
  }

  #complainOfStuck(): void {
    for (const run of this.database.runs.values())
      if (run.open)
        this.#complain(
          run,
          `is stuck: ${run.status}, ${JSON.stringify(currentExecution(run))}, alarm ${run.wakeAt?.toISOString()}`,
        );
    if (this.database.runs.size < this.story.starts.length) this.complaints.push("Runs were never started.");
  }

  #complain(run: Run, what: string): void {
    this.complaints.push(`Run ${run._id} ${what}.`);
  }
}
