import type { ContactSource } from "../src/engine/contacts.ts";
import type { DefinitionSource } from "../src/engine/definitions.ts";
import { DueWorker } from "../src/engine/due-worker.ts";
import { FaultLedger } from "../src/engine/fault-ledger.ts";
import { BatchMover } from "../src/engine/move-batch.ts";
import { moveByResults } from "../src/engine/results.ts";
import type { Unit } from "../src/engine/announce.ts";
import { type Move, type Outcome, RunMover } from "../src/engine/run-mover.ts";
import { insertStarted } from "../src/engine/start-runs.ts";
import type { Input } from "../src/runs/decide.ts";
import type { Run } from "../src/runs/model.ts";
import { endedByMerge } from "../src/subjects/merge-plan.ts";
import type { NewRun } from "../src/runs/new-run.ts";
import { type MemoryDatabase, MemoryRuns } from "./memory-database.ts";
import type { SimulatedBus, SimulatedEnvelope } from "./simulated-bus.ts";
import { SimulatedCommits } from "./simulated-commits.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

const SHARDS = Array.from({ length: 256 }, (_, shard) => shard);
/** A replica looks by itself less often than in the service: simulated days are long. */
const LOOK_EVERY_MS = 600_000;

export type World = {
  database: MemoryDatabase;
  bus: SimulatedBus;
  /** As the process sees them, over the network. */
  definitions: DefinitionSource;
  contacts: ContactSource;
  newId: () => string;
};

/** One process of the engine: the service's own classes, on a simulated database, bus and clock. */
export class EngineReplica {
  readonly process: SimulatedProcess;
  /** Which share of the shards it believes to hold: it may be wrong for a while. */
  share: { index: number; of: number };
  readonly #world: World;
  readonly #runs: MemoryRuns;
  readonly #mover: RunMover;
  readonly #commits: SimulatedCommits;
  readonly #batches: BatchMover;
  readonly #due: DueWorker;

  constructor(process: SimulatedProcess, world: World, share: { index: number; of: number }) {
    this.process = process;
    this.share = share;
    this.#world = world;
    const { queue: clock } = process;
    const definitions: DefinitionSource = {
      current: (workflows) => process.roundTrip().then(() => world.definitions.current(workflows)),
      revision: (workflow, revision) => process.roundTrip().then(() => world.definitions.revision(workflow, revision)),
    };
    const contacts: ContactSource = { zonesOf: (runs) => process.roundTrip().then(() => world.contacts.zonesOf(runs)) };
    const runs = new MemoryRuns(world.database);
    this.#runs = runs;
    this.#mover = new RunMover({ runs, definitions, clock });
    this.#commits = new SimulatedCommits({ ...world, process });
    const faults = new FaultLedger();
    const fail = (_: unknown, message: string): never => {
      throw new Error(message);
    };
    const log = { warn: fail, error: fail };
    this.#batches = new BatchMover({
      commits: this.#commits,
      mover: this.#mover,
      contacts,
      definitions,
      faults,
      clock,
      log,
    });
    this.#due = new DueWorker({
      alarms: {
        due: (query) => process.roundTrip().then(() => runs.due(query)),
        nextAlarm: (shards, after) => process.roundTrip().then(() => runs.nextAlarm(shards, after)),
      },
      shards: { owned: () => new Set(SHARDS.filter((shard) => shard % this.share.of === this.share.index)) },
      batches: this.#batches,
      faults,
      clock,
      log,
      lookEveryMs: LOOK_EVERY_MS,
      after: (ms, run) => process.after(ms, run),
    });
    this.#due.start();
  }

  /** As the service consumes: the effect and the note that it happened are one transaction. */
  async receive(
    envelope: SimulatedEnvelope<"crmStepEnded" | "tasksStepEnded" | "communicationsStepEnded">,
  ): Promise<void> {
    await this.#commits.commit(async (unit) => {
      const transaction = unit.session as unknown as ReturnType<MemoryDatabase["begin"]>;
      if (!transaction.claim(envelope.id)) return;
      await moveByResults(this.#mover, [envelope], unit);
    });
  }

  /** Enrols as the rules say; a start that is answered already does nothing: the client asks again when it hears nothing. */
  async start(start: NewRun): Promise<void> {
    const current = (await this.#world.definitions.current([start])).get(start.workflowId);
    if (!current) throw new Error(`There is no workflow ${start.workflowId}.`);
    const { definition } = current;
    await this.#commits.commit(async (unit) => {
      if (this.#world.database.answered.has(start.id)) return;
      const runs = this.#runs.ofContacts([start.contactId], unit.session);
      this.#runs.answer(start.id, unit.session);
      const open = runs.filter((run) => run.open);
      const rivals = open.filter(
        (run) => run.exclusivityGroup && run.exclusivityGroup === definition.exclusivity?.group,
      );
      if (open.some(({ workflowId }) => workflowId === start.workflowId)) return;
      if (rivals.length > 0 && definition.exclusivity?.onConflict === "SKIP") return;
      await this.#mover.move(
        rivals.map((run) => cancelOf(run, "REPLACED")),
        unit,
      );
      const ordinal = 1 + Math.max(0, ...runs.filter(isOf(start.workflowId)).map((run) => run.ordinal));
      await insertStarted(unit, {
        runs: this.#runs,
        starts: [{ ...start, ordinal }],
        definition,
        now: this.process.queue.now(),
      });
    });
    this.#due.wake();
  }

  /** Refuses, as it were, where the step is no longer the attempt that the person saw. */
  async act(runId: string, input: Input, seenAttempt: number | null = null): Promise<Outcome | undefined> {
    return this.#commits.commit(async (unit) => {
      const [run] = await this.#runs.read([{ organizationId: "", runId }], unit.session);
      if (!run || (seenAttempt !== null && run.executions.at(-1)?.attempt !== seenAttempt)) return undefined;
      return (await this.#mover.move([{ organizationId: run.organizationId, runId, input }], unit)).outcomes.get(runId);
    });
  }

  /** Something that a contact did, told to all open runs, once. */
  async signal(eventId: string, contactId: string, input: Input): Promise<void> {
    await this.#once(eventId, async (unit) => {
      const open = this.#runs.ofContacts([contactId], unit.session).filter((run) => run.open);
      await this.#mover.move(
        open.map(({ _id: runId, organizationId }) => ({ runId, organizationId, input })),
        unit,
      );
    });
  }

  /** Open runs go to the contact that survives; of two that cannot both be open, the older stays (RUN-9). */
  async merge(from: string, into: string): Promise<void> {
    await this.#once(`${from} merged`, async (unit) => {
      const runs = this.#runs.ofContacts([from, into], unit.session);
      const open = runs.filter((run) => run.open);
      const ended = endedByMerge(open);
      const moves = open.flatMap((run) => (ended.has(run._id) ? [cancelOf(run, "MERGED")] : []));
      for (const { _id: runId, organizationId, workflowId, leadId, contactId } of open) {
        if (contactId === into || ended.has(runId)) continue;
        const taken = runs.filter((run) => run.contactId === into && run.workflowId === workflowId);
        const ordinal = 1 + Math.max(0, ...taken.map((run) => run.ordinal));
        moves.push({ organizationId, runId, input: { kind: "subjectMoved", leadId, contactId: into, ordinal } });
      }
      await this.#mover.move(moves, unit);
    });
    this.#due.wake();
  }

  async #once(eventId: string, work: (unit: Unit) => Promise<void>): Promise<void> {
    await this.#commits.commit(async (unit) => {
      const transaction = unit.session as unknown as ReturnType<MemoryDatabase["begin"]>;
      if (transaction.claim(eventId)) await work(unit);
    });
  }

  /** Shows a changed workflow to runs, as the walk after an edit does. */
  async retime(runIds: readonly string[], organizationId: string): Promise<void> {
    await this.#due.exclusively(runIds, () =>
      this.#batches.move(runIds.map((runId) => ({ runId, organizationId, input: { kind: "definitionChanged" } }))),
    );
  }

  wake(): void {
    this.#due.wake();
  }
}

const isOf =
  (workflow: string) =>
  ({ workflowId }: Run): boolean =>
    workflowId === workflow;

function cancelOf({ _id: runId, organizationId }: Run, code: string): Move {
  const actor = { kind: "SYSTEM", id: null, label: "Cadenza" } as const;
  return { runId, organizationId, input: { kind: "cancel", actor, reason: { code, message: `${code}.` } } };
}
