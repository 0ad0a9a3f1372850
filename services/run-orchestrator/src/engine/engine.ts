import type { Actor, Definition, Reason } from "@cadenza/contracts";
import type { Bus, Committer, Consumer, CoreSubscription, UnitOfWork } from "@cadenza/messaging";
import { consume } from "@cadenza/messaging";
import { type Clock, type Metrics, messageOf, OffsetClock } from "@cadenza/platform";
import { type Database, type OrganizationScope, ShardLeases } from "@cadenza/storage";
import { commitAgain } from "../enrolment/commit-again.ts";
import { START_REFUSALS } from "../enrolment/start-refusals.ts";
import { TALLY_INDEXES } from "../metrics/run-tallies.ts";
import type { Input } from "../runs/decide.ts";
import type { Run } from "../runs/model.ts";
import type { NewRun } from "../runs/new-run.ts";
import { RUN_INDEXES } from "../runs/run-indexes.ts";
import { RunStore } from "../runs/store.ts";
import { SUBJECT_INDEXES } from "../subjects/subject.ts";
import { SubjectStore } from "../subjects/subject-store.ts";
import { WAKE_SUBJECT } from "./announce.ts";
import type { ContactSource } from "./contacts.ts";
import type { DefinitionSource } from "./definitions.ts";
import { BATCH_SIZE, DueWorker } from "./due-worker.ts";
import { EngineMetrics } from "./engine-metrics.ts";
import { FaultLedger } from "./fault-ledger.ts";
import { BatchMover } from "./move-batch.ts";
import { consumeResults } from "./results.ts";
import { RETIME_INDEXES, Retimes } from "./retimes.ts";
import { Rivals } from "./rivals.ts";
import { type MoveReport, type Outcome, RunMover } from "./run-mover.ts";
import { SecondLooks } from "./second-looks.ts";
import { insertStarted } from "./start-runs.ts";
import { WalkMover } from "./walk-mover.ts";

/** What a person's action came to; null where the organization has no such run. */
export type ActionResult = { run: Run } | { refused: Reason } | null;
/** What a person may do to many runs alike. A new recipient is for one run: see `changeRecipient`. */
export type ActionInput = Extract<Input, { kind: "pause" | "resume" | "cancel" | "retry" | "skipStep" }>;

export type EngineOptions = {
  database: Database;
  bus: Bus;
  committer: Committer;
  clock: Clock;
  definitions: DefinitionSource;
  contacts: ContactSource;
  /** Name of this replica, unique and new at each start. */
  holder: string;
  /** Copies of the streams (default 1). */
  replicas?: number;
  metrics?: Metrics | undefined;
};

const RETIME_LOOK_EVERY_MS = 1000;
const FAILED: Reason = {
  code: "INTERNAL_ERROR",
  message: "Something went wrong on our side; the run is as it was. Try again.",
};

/** Moves runs: by their alarms, by what becomes of commands, by edits of workflows, and by what people do to them. */
export class Engine {
  readonly runs: RunStore;
  readonly subjects: SubjectStore;
  readonly retimes: Retimes;
  readonly #options: EngineOptions;
  readonly #mover: RunMover;
  readonly #leases: ShardLeases;
  readonly #due: DueWorker;
  readonly #secondLooks: SecondLooks;
  readonly #metrics: EngineMetrics | undefined;
  readonly #consumers: Consumer[] = [];
  readonly #subscriptions: CoreSubscription[] = [];
  #retimeTimer: NodeJS.Timeout | undefined;
  #retiming: Promise<void> | undefined;
  #stopped = false;

  constructor(options: EngineOptions) {
    const { database, committer, clock, definitions, contacts, bus } = options;
    const { log } = bus;
    this.#options = options;
    this.runs = new RunStore(database);
    this.subjects = new SubjectStore(database);
    this.#metrics = options.metrics && new EngineMetrics(options.metrics);
    this.#mover = new RunMover({ runs: this.runs, definitions, clock, subjects: this.subjects });
    this.#leases = new ShardLeases({ database, group: "run-orchestrator", holder: options.holder, log });
    const faults = new FaultLedger();
    const committed = (report: MoveReport): void => this.#committed(report);
    const parts = { commits: committer, contacts, definitions, faults, clock, log, committed };
    const batches = new BatchMover({ ...parts, mover: this.#mover });
    const exclusively = <T>(ids: readonly string[], work: () => Promise<T>): Promise<T> =>
      this.#due.exclusively(ids, work);
    this.#due = new DueWorker({ alarms: this.runs.places, shards: this.#leases, batches, faults, clock, log });
    this.retimes = new Retimes({
      database,
      runs: this.runs,
      batches: new BatchMover({ ...parts, mover: new WalkMover(this.#mover, this.runs) }),
      shards: this.#leases,
      exclusively,
      log,
    });
    this.#secondLooks = new SecondLooks({ definitions, batches, exclusively, log });
  }

  /** Creates the indexes and begins to work. `ensureStreams` and the committer's start come before. */
  async start(): Promise<void> {
    const { database, bus, clock, committer } = this.#options;
    const replicas = this.#options.replicas ?? 1;
    await this.runs.fillPlaces();
    await database.ensureIndexes([...RUN_INDEXES, ...TALLY_INDEXES, ...RETIME_INDEXES, ...SUBJECT_INDEXES]);
    await this.#leases.start();
    this.#leases.onChange(() => this.#due.wake());
    if (clock instanceof OffsetClock) this.#subscriptions.push({ stop: clock.onChange(() => this.#due.wake()) });
    this.#subscriptions.push(
      bus.subscribeCore(WAKE_SUBJECT, (text) => this.#due.wake(text ? new Date(Number(text)) : undefined)),
    );
    this.#consumers.push(
      await consumeResults({ committer, mover: this.#mover, replicas, committed: (report) => this.#committed(report) }),
      await consume({
        committer,
        durable: "run-orchestrator-retimes",
        kinds: ["workflowChanged"],
        concurrency: 1,
        replicas,
        handle: async (envelopes, unit) => {
          await this.retimes.note(envelopes, unit);
          unit.afterCommit(() => this.#retime());
        },
      }),
    );
    this.#due.start();
    this.#retimeTimer = setInterval(() => this.#retime(), RETIME_LOOK_EVERY_MS);
  }

  /** Takes no more, finishes what is in hand, and gives its shards to the others at once (REL-5). */
  async drain(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#retimeTimer);
    for (const subscription of this.#subscriptions) subscription.stop();
    await Promise.all([...this.#consumers.map((consumer) => consumer.stop()), this.#due.stop(), this.#retiming]);
    await this.#secondLooks.drain();
    await this.#leases.drain();
  }

  /** Stops without giving anything back, as a killed process does: for tests. */
  async abandon(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#retimeTimer);
    this.#leases.abandon();
    this.#secondLooks.stop();
    for (const subscription of this.#subscriptions) subscription.stop();
    await Promise.all([...this.#consumers.map((consumer) => consumer.stop()), this.#due.stop(), this.#retiming]);
  }

  /** Look now: an alarm rings at `at`, or just now. */
  wake(at?: Date): void {
    this.#due.wake(at);
  }

  /** Does the same to many runs, 200 a transaction. In the order of `runIds`. */
  async apply(
    scope: OrganizationScope,
    runIds: readonly string[],
    input: ActionInput,
  ): Promise<Map<string, ActionResult>> {
    const ids = [...new Set(runIds)];
    const lots = Array.from({ length: Math.ceil(ids.length / BATCH_SIZE) }, (_, i) =>
      ids.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE),
    );
    const results = await Promise.all(
      lots.map((lot) =>
        this.#due.exclusively(lot, () =>
          // One that opens again may meet another that has just been opened.
          commitAgain(this.#options.committer, (unit) => this.applyIn(unit, scope, lot, input)),
        ),
      ),
    );
    return new Map(results.flatMap((lot) => [...lot]));
  }

  /** The same inside a transaction of the caller's; up to 200 runs. */
  async applyIn(
    unit: UnitOfWork,
    scope: OrganizationScope,
    runIds: readonly string[],
    input: Input,
  ): Promise<Map<string, ActionResult>> {
    return this.moveIn(
      unit,
      scope,
      runIds.map((runId) => ({ runId, input })),
    );
  }

  /** Different inputs in one step; those for one run in their order, of which the last one's result is told. */
  async moveIn(
    unit: UnitOfWork,
    { organizationId }: OrganizationScope,
    moves: readonly { runId: string; input: Input }[],
  ): Promise<Map<string, ActionResult>> {
    const report = await this.#mover.move(
      moves.map((move) => ({ ...move, organizationId })),
      unit,
    );
    unit.afterCommit(() => this.#committed(report));
    return new Map(moves.map(({ runId }) => [runId, this.#resultOf(runId, report.outcomes.get(runId))]));
  }

  /** Fixed at enrolment, changeable while no communication step is open (ENR-4). `contactId` must be of the run's lead. */
  async changeRecipient(
    scope: OrganizationScope,
    change: { runId: string; contactId: string; actor: Actor },
  ): Promise<ActionResult> {
    const { runId, contactId, actor } = change;
    return commitAgain(this.#options.committer, async (unit) => {
      const [run] = await this.runs.read([{ organizationId: scope.organizationId, runId }], unit.session);
      if (!run) return null;
      const refused =
        run.open && run.contactId !== contactId && (await this.#againstRecipient(unit, scope, run, contactId));
      if (refused) return { refused };
      const history = (await this.runs.histories(scope, run.workflowId, [contactId], unit.session)).get(contactId);
      const input = { kind: "changeRecipient", actor, contactId, ordinal: (history?.lastOrdinal ?? 0) + 1 } as const;
      return (await this.applyIn(unit, scope, [runId], input)).get(runId) ?? null;
    });
  }

  /** Why an open run may not have this contact: it is gone, or has an open run beside which it cannot be (ENR-1, ENR-2). */
  async #againstRecipient(
    { session }: UnitOfWork,
    scope: OrganizationScope,
    run: Run,
    contactId: string,
  ): Promise<Reason | null> {
    const gone = await this.subjects.gone(scope, [contactId, run.leadId], session);
    if (gone.size > 0) return START_REFUSALS.subjectGone;
    const { workflowId, exclusivityGroup: group } = run;
    const query = { contactIds: [contactId], workflowIds: [workflowId], groups: group === null ? [] : [group] };
    return new Rivals(await this.runs.rivals(scope.organizationId, query, session)).against({ ...run, contactId });
  }

  /**
   * Starts runs inside the enrolment's transaction: each is stored with its first decision taken, the first step already
   * claimed where it is due. The caller has read in the same transaction that none of them exists (`runs.existing`,
   * `runs.histories`); a start that came in between fails the transaction with a duplicate key, to be tried again.
   */
  async startRuns(unit: UnitOfWork, starts: readonly NewRun[], definition: Definition): Promise<Run[]> {
    const runs = await insertStarted(unit, { runs: this.runs, starts, definition, now: this.#options.clock.now() });
    unit.afterCommit(() => {
      this.#wakeFor(runs);
      this.#secondLooks.started(runs, definition);
    });
    return runs;
  }

  /** The shards that this replica works on: of runs, and of whatever else goes by them. */
  get shards(): Pick<ShardLeases, "owned"> {
    return this.#leases;
  }

  /** Runs with something to do at `until`, at most 1,000, and workflows whose change is being shown: moving the test clock waits. */
  async countUnsettled(until: Date): Promise<number> {
    const [runs, retimes] = await Promise.all([this.runs.places.countUnsettled(until), this.retimes.count()]);
    return runs + retimes;
  }

  #resultOf(runId: string, outcome: Outcome | undefined): ActionResult {
    if (!outcome || outcome.kind === "missing") return null;
    if (outcome.kind === "refused") return { refused: outcome.reason };
    if (outcome.kind !== "fault") return { run: outcome.run };
    this.#options.bus.log.error({ runId, err: outcome.error }, "An action on a run failed.");
    return { refused: FAILED };
  }

  #committed(report: MoveReport): void {
    this.#metrics?.committed(report, this.#options.clock.now());
    this.#wakeFor(report.changes.map(({ after }) => after));
  }

  #wakeFor(runs: readonly Run[]): void {
    let soonest: Date | null = null;
    for (const { wakeAt } of runs) if (wakeAt && (!soonest || wakeAt < soonest)) soonest = wakeAt;
    if (soonest) this.#due.wake(soonest);
  }

  #retime(): void {
    if (this.#stopped) return;
    void this.retimes.changing.look();
    if (this.#retiming) return;
    this.#retiming = this.retimes
      .work()
      .then((worked) => {
        // Another workflow may have changed meanwhile.
        this.#retiming = undefined;
        if (worked) this.#retime();
      })
      .catch((error: unknown) => {
        this.#retiming = undefined;
        this.#options.bus.log.warn(
          { reason: messageOf(error) },
          "Showing a changed workflow to its runs failed; trying again.",
        );
      });
  }
}
