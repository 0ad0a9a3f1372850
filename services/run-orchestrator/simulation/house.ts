import { derivedId } from "@cadenza/platform";
import { EPOCH } from "../src/runs/definition-builder.ts";
import { currentExecution } from "../src/runs/model.ts";
import { EngineReplica, type World } from "./engine-replica.ts";
import { EventQueue } from "./event-queue.ts";
import { Judge } from "./judge.ts";
import { MemoryDatabase } from "./memory-database.ts";
import { People } from "./people.ts";
import { Random } from "./random.ts";
import { Receivers } from "./receivers.ts";
import { SimulatedBus } from "./simulated-bus.ts";
import { type Faults, NO_FAULTS, SimulatedProcess } from "./simulated-process.ts";
import { Story } from "./story.ts";

export type HouseOptions = {
  /** Of the story: who starts what, and what people do. */
  seed: number;
  /** Of the network and its faults; the story's by default. */
  networkSeed?: number;
  /** What goes wrong until the faults cease (default: a bit of everything). */
  faults?: Faults;
  /** Whether people edit, pause, skip, retry, reply and merge on the way, and starts meet each other (default true). */
  people?: boolean;
};

const HOUR_MS = 3_600_000;
/** Faults and people go on for so long; after that the house must come to rest by itself. */
const TROUBLED_MS = 48 * HOUR_MS;
const PATIENCE_MS = 60 * 24 * HOUR_MS;
const REPLICAS = 3;
const ALL_FAULTS: Faults = { lost: 0.05, gone: 0.02, repeated: 0.1, stopped: 0.01, failed: 0.08 };

/** A whole house in one thread: engines that die, a bus that errs, receivers, people. */
export class House {
  readonly queue = new EventQueue(EPOCH);
  readonly story: Story;
  readonly receivers: Receivers;
  readonly database: MemoryDatabase;
  readonly #judge = new Judge();
  readonly #people: People;
  readonly #network: Random;
  readonly #pace: Random;
  readonly #options: HouseOptions;
  readonly #world: World;
  readonly #replicas: EngineReplica[] = [];
  #faults: Faults;
  #ids = 0;

  constructor(options: HouseOptions) {
    this.#options = options;
    this.#faults = options.faults ?? ALL_FAULTS;
    const random = new Random(options.seed);
    this.#pace = random.fork();
    this.#network = new Random(options.networkSeed ?? options.seed).fork();
    const story = new Story(random.fork(), options.people === false);
    this.story = story;
    this.database = new MemoryDatabase((run, before) => this.#judge.commit(run, before));
    const faults = (): Faults => this.#faults;
    const newId = (): string => derivedId(this.queue.now(), String(this.#ids++));
    const bus = new SimulatedBus(this.queue, this.#network.fork(), faults);
    this.receivers = new Receivers({
      queue: this.queue,
      bus,
      random: this.#network.fork(),
      faults,
      newId,
      contactOf: (contactId) => story.contactOf(contactId),
      formerly: (contactId) =>
        story.contacts.filter((other) => story.survivorOf(other) === story.survivorOf(contactId)),
      onSend: (send) => this.#judge.send(send, this.database, this.receivers),
    });
    this.#world = {
      database: this.database,
      bus,
      newId,
      definitions: {
        current: async (workflows) =>
          new Map(
            workflows.map(({ workflowId }) => {
              const { definition, status } = story.workflow(workflowId);
              return [workflowId, { definition, status }];
            }),
          ),
        revision: async ({ workflowId }, revision) => story.workflow(workflowId).revisions.get(revision) ?? null,
      },
      contacts: {
        zonesOf: async (runs) => new Map(runs.map(({ _id, contactId }) => [_id, story.contactOf(contactId)])),
      },
    };
    for (let i = 0; i < REPLICAS; i++) this.#replicas.push(this.#newReplica(i));
    const anyReplica = (): EngineReplica => this.#anyReplica();
    const { queue, database, receivers } = this;
    this.#people = new People({ queue, story, database, receivers, random: random.fork(), anyReplica });
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
    this.#judge.ledger(this.receivers, this.database.runs.values());
    return this.#judge.complaints;
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
    if (this.database.answered.has(start.id)) return;
    void this.#anyReplica().start({ ...start, contactId: this.story.survivorOf(start.contactId) });
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
    this.#people.act();
    this.queue.after(this.#pace.between(60_000, 3 * HOUR_MS), () => this.#letPeopleAct());
  }

  #calmDown(): void {
    this.#faults = NO_FAULTS;
    for (const workflow of this.story.workflows) workflow.status = "ACTIVE";
    for (const [index, replica] of this.#replicas.entries()) {
      replica.share = { index, of: REPLICAS };
      replica.wake();
    }
    this.#putAllRight();
  }

  #putAllRight(): void {
    this.#people.putAllRight();
    this.queue.after(3 * HOUR_MS, () => this.#putAllRight());
  }

  #isAtRest(): boolean {
    const { runs, answered } = this.database;
    return (
      this.#faults === NO_FAULTS &&
      answered.size === this.story.starts.length &&
      [...runs.values()].every((run) => !run.open)
    );
  }

  #complainOfStuck(): void {
    for (const run of this.database.runs.values())
      if (run.open)
        this.#judge.complain(
          run,
          `is stuck: ${run.status}, ${JSON.stringify(currentExecution(run))}, alarm ${run.wakeAt?.toISOString()}`,
        );
    if (this.database.answered.size < this.story.starts.length)
      this.#judge.complaints.push("Some starts were never answered.");
  }
}
