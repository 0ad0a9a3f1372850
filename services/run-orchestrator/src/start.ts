import type { CrmReader, DefinitionsService, SendsService } from "@cadenza/contracts";
import type { Committer } from "@cadenza/messaging";
import { type Logger, OffsetClock, type OpsServer } from "@cadenza/platform";
import { createSubgraph, IDEMPOTENCY_INDEXES, IdempotencyKeys, loadTypeDefs } from "@cadenza/subgraph";
import { BULK_INDEXES } from "./bulk/bulk-job.ts";
import { BulkService } from "./bulk/bulk-service.ts";
import { BulkStore } from "./bulk/bulk-store.ts";
import { BulkWorker } from "./bulk/bulk-worker.ts";
import { EnrollWorker } from "./bulk/enroll-work.ts";
import { bulkResolvers } from "./bulk/resolvers.ts";
import { LANE_INDEXES, LaneStore } from "./bulk/lane-store.ts";
import { RunActionWorker } from "./bulk/run-action-work.ts";
import { DryRunService } from "./dry-run/dry-run-service.ts";
import { dryRunResolvers } from "./dry-run/resolvers.ts";
import { CrmContacts } from "./engine/contacts.ts";
import { Definitions } from "./engine/definitions.ts";
import { Engine } from "./engine/engine.ts";
import { Enroller } from "./enrolment/enroller.ts";
import { EnrolmentService } from "./enrolment/enrolment-service.ts";
import { enrolmentResolvers } from "./enrolment/resolvers.ts";
import { CallResponses } from "./goals/call-responses.ts";
import { consumeSignals } from "./goals/consume-signals.ts";
import { responseResolvers } from "./goals/resolvers.ts";
import { SignalIntake } from "./goals/signal-intake.ts";
import { MetricsService } from "./metrics/metrics-service.ts";
import { metricsResolvers } from "./metrics/resolvers.ts";
import { TallyFolder } from "./metrics/tally-folder.ts";
import { REFUSAL_INDEXES, RefusalStore } from "./refusals/refusal-store.ts";
import { refusalResolvers } from "./refusals/resolvers.ts";
import { createGraphContext } from "./run-graph/graph-context.ts";
import { runResolvers } from "./run-graph/resolvers.ts";
import { RunActions } from "./run-graph/run-actions.ts";
import { RunQueries } from "./run-graph/run-queries.ts";
import { ShownRuns } from "./run-graph/shown-runs.ts";
import { followWorkflows } from "./stalled/follow-workflows.ts";
import { STALLED_INDEXES, StalledSweepStore } from "./stalled/stalled-sweep-store.ts";
import { StalledSweeper } from "./stalled/stalled-sweeper.ts";
import { SubjectSettler } from "./subjects/subject-settler.ts";
import { SubjectSweeper } from "./subjects/subject-sweeper.ts";
import { NextDue } from "./test-clock/next-due.ts";
import { isQuiet } from "./test-clock/quiet.ts";
import { testClockResolvers } from "./test-clock/resolvers.ts";
import { TestClockService } from "./test-clock/test-clock-service.ts";
import { consumeChanges } from "./triggers/consume-changes.ts";
import { consumeHappenings } from "./triggers/consume-happenings.ts";
import { SourceIntake } from "./triggers/source-intake.ts";
import { TriggeredWorkflows } from "./triggers/triggered-workflows.ts";
import { TriggerMatcher } from "./triggers/trigger-matcher.ts";
import { TriggerStarter } from "./triggers/trigger-starter.ts";

export type RunOrchestratorOptions = {
  committer: Committer;
  crm: Pick<CrmReader, "getSubjects" | "findContacts" | "findStalled">;
  definitions: DefinitionsService;
  sends: Pick<SendsService, "countDue" | "getCalls" | "previewEmails">;
  http: OpsServer;
  internalSecret: string;
  /** Name of this replica, unique and new at each start. */
  holder: string;
  /** Copies of the streams. */
  replicas: number;
  log: Logger;
};

export type RunOrchestrator = {
  engine: Engine;
  drain(): Promise<void>;
  abandon(): Promise<void>;
  stop(): Promise<void>;
};

/** Everything of the service but its process: connections come from outside. */
export async function startRunOrchestrator(options: RunOrchestratorOptions): Promise<RunOrchestrator> {
  const { committer, crm, sends, http, internalSecret, holder, replicas, log } = options;
  const { clock, database, bus, metrics } = committer;
  await database.ensureIndexes([
    ...BULK_INDEXES,
    ...LANE_INDEXES,
    ...REFUSAL_INDEXES,
    ...STALLED_INDEXES,
    ...IDEMPOTENCY_INDEXES,
  ]);
  await committer.start();

  const definitions = new Definitions(options.definitions);
  const contacts = new CrmContacts(crm);
  const engine = new Engine({ database, bus, committer, clock, definitions, contacts, holder, replicas, metrics });
  const { runs } = engine;
  const enroller = new Enroller({ engine, clock });
  const refusals = new RefusalStore(database);
  const idempotency = new IdempotencyKeys(database);
  const jobs = new BulkStore(database, clock);
  const lanes = new LaneStore(database);
  const sweeps = new StalledSweepStore(database);
  const next = new NextDue({ places: runs.places, sends, crm, sweeps });
  const services = {
    clock,
    refusals,
    runs: new RunQueries(runs),
    shown: new ShownRuns({ changing: engine.retimes.changing, definitions, contacts, clock, log }),
    metrics: new MetricsService({ database, runs, tallies: runs.tallies, definitions }),
    dryRuns: new DryRunService({ database, runs, definitions, problems: options.definitions, crm, sends, clock }),
    actions: new RunActions({ engine, crm }),
    responses: new CallResponses({ committer, engine, definitions, sends }),
    enrolment: new EnrolmentService({ committer, enroller, runs, definitions, crm, idempotency, clock }),
    bulk: new BulkService({ committer, jobs, lanes, runs, definitions, crm, idempotency, clock }),
    testClock: new TestClockService({
      clock,
      bus,
      database,
      next,
      isQuiet: (now) => isQuiet({ engine, sends, sweeps, bus }, now),
    }),
  };
  const bulkWorker = new BulkWorker({
    jobs,
    committer,
    bus,
    enroll: new EnrollWorker({ committer, jobs, lanes, enroller, definitions, crm, log }),
    runActions: new RunActionWorker({ committer, jobs, engine }),
    holder,
    log,
  });
  const workflows = new TriggeredWorkflows(options.definitions);
  const matcher = new TriggerMatcher({ workflows, crm, clock, log });
  const starter = new TriggerStarter({ enroller, engine, refusals, clock });
  const intake = new SourceIntake({ matcher, starter });
  const { shards } = engine;
  const sweeper = new StalledSweeper({ committer, sweeps, definitions, crm, matcher, starter, shards });
  const { subjects } = engine;
  const settler = new SubjectSettler({ database, engine, subjects });
  const subjectSweeper = new SubjectSweeper({ committer, subjects, settler, shards });

  const folder = new TallyFolder({ database, tallies: runs.tallies, shards, log });

  await engine.start();
  folder.start();
  const changes = await consumeChanges({ committer, engine, intake, replicas });
  const happenings = await consumeHappenings({ committer, intake, replicas });
  const signals = await consumeSignals({ committer, intake: new SignalIntake({ engine, definitions }), replicas });
  const stalled = await followWorkflows({ committer, sweeps, definitions, wake: () => sweeper.wake(), replicas });
  bulkWorker.start();
  subjectSweeper.start();
  sweeper.start();
  if (clock instanceof OffsetClock) clock.onChange(() => sweeper.wake());
  const subgraph = await createSubgraph({
    name: "run-orchestrator",
    typeDefs: loadTypeDefs(new URL(".", import.meta.url)),
    resolvers: [
      runResolvers,
      metricsResolvers,
      dryRunResolvers,
      responseResolvers,
      enrolmentResolvers,
      refusalResolvers,
      bulkResolvers,
      testClockResolvers,
    ],
    context: (base) => createGraphContext(base, services),
    http,
    internalSecret,
    log,
  });
  return {
    engine,
    /** Takes no more and finishes what is in hand (REL-5). */
    drain: async () => {
      await Promise.all([
        changes.stop(),
        happenings.stop(),
        signals.stop(),
        stalled.stop(),
        bulkWorker.stop(),
        sweeper.stop(),
        subjectSweeper.stop(),
        folder.stop(),
      ]);
      await engine.drain();
    },
    /** Stops without giving anything back, as a killed process does: for tests. */
    abandon: async () => {
      await Promise.all([
        changes.stop(),
        happenings.stop(),
        signals.stop(),
        stalled.stop(),
        sweeper.stop(),
        folder.stop(),
      ]);
      await Promise.all([subjectSweeper.stop(), bulkWorker.abandon(), engine.abandon()]);
    },
    stop: async () => {
      await subgraph.stop();
      await committer.stop();
    },
  };
}
