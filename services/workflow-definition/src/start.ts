import type { CrmReader, SendsService } from "@cadenza/contracts";
import type { Committer } from "@cadenza/messaging";
import { type Logger, type OpsServer, realClock } from "@cadenza/platform";
import { createRpcServer } from "@cadenza/rpc";
import { createSubgraph, IDEMPOTENCY_INDEXES, IdempotencyKeys, loadTypeDefs } from "@cadenza/subgraph";
import { calendarResolvers } from "./blackout-calendars/resolvers.ts";
import { BlackoutCalendarService } from "./blackout-calendars/service.ts";
import { BlackoutCalendarStore, CALENDAR_INDEXES } from "./blackout-calendars/store.ts";
import { createGraphContext } from "./graph-context.ts";
import { Definitions } from "./definitions/service.ts";
import { followOrganizations } from "./organizations/follow-organizations.ts";
import { OrganizationStore } from "./organizations/store.ts";
import { revisionResolvers } from "./revisions/resolvers.ts";
import { RevisionWriter } from "./revisions/revision-writer.ts";
import { REVISION_INDEXES, RevisionStore } from "./revisions/store.ts";
import { Rollouts } from "./rollouts/rollouts.ts";
import { ROLLOUT_INDEXES, RolloutStore } from "./rollouts/store.ts";
import { RolloutWorker } from "./rollouts/worker.ts";
import { stepResolvers } from "./steps/resolvers.ts";
import { ReferenceReader } from "./validation/references.ts";
import { workflowResolvers } from "./workflows/resolvers.ts";
import { SaveChecks } from "./workflows/save-checks.ts";
import { WorkflowService } from "./workflows/service.ts";
import { WorkflowStatusService } from "./workflows/status-service.ts";
import { WORKFLOW_INDEXES, WorkflowStore } from "./workflows/store.ts";
import { Directory } from "./yaml/directory.ts";
import { yamlResolvers } from "./yaml/resolvers.ts";
import { WorkflowYamlService } from "./yaml/service.ts";

export type WorkflowDefinitionOptions = {
  committer: Committer;
  crm: Pick<CrmReader, "checkReferences" | "catalog">;
  sends: Pick<SendsService, "checkTemplates" | "findTemplates">;
  http: OpsServer;
  internalSecret: string;
  /** 0 takes a free one. */
  grpcPort: number;
  /** Copies of the streams (default 1). */
  replicas?: number;
  /** Real milliseconds between the passes, and between the looks for what was left behind, of shared changes. */
  settleMs?: number;
  sweepEveryMs?: number;
  log: Logger;
};

/** Everything of the service but its process: connections come from outside. */
export async function startWorkflowDefinition(
  options: WorkflowDefinitionOptions,
): Promise<{ grpcPort: number; stop(): Promise<void> }> {
  const { committer, crm, sends, http, internalSecret, log } = options;
  const { database } = committer;
  await database.ensureIndexes([
    ...WORKFLOW_INDEXES,
    ...REVISION_INDEXES,
    ...CALENDAR_INDEXES,
    ...ROLLOUT_INDEXES,
    ...IDEMPOTENCY_INDEXES,
  ]);
  await committer.start();

  const workflows = new WorkflowStore(database);
  const revisions = new RevisionStore(database);
  const calendars = new BlackoutCalendarStore(database);
  const references = new ReferenceReader({ crm, sends });
  const writer = new RevisionWriter({ workflows, revisions, calendars });
  await calendars.addNameKeys();
  const organizations = new OrganizationStore(database);
  const rolloutStore = new RolloutStore(database);
  const rollouts = new Rollouts({
    rollouts: rolloutStore,
    workflows,
    revisions,
    calendars,
    organizations,
    writer,
    clock: committer.clock,
    realClock,
    settleMs: options.settleMs,
  });
  const worker = new RolloutWorker({
    committer,
    rollouts,
    store: rolloutStore,
    realClock,
    sweepEveryMs: options.sweepEveryMs,
  });
  const idempotency = new IdempotencyKeys(database);
  const checks = new SaveChecks({ references, calendars });
  const saving = new WorkflowService({ committer, workflows, revisions, writer, references, checks, idempotency });
  const directory = new Directory({ crm, sends, calendars });
  const services = {
    workflows: saving,
    yaml: new WorkflowYamlService({ workflows: saving, store: workflows, directory }),
    statuses: new WorkflowStatusService({ committer, workflows, references }),
    calendars: new BlackoutCalendarService({ committer, calendars, rollouts, worker }),
  };
  const subgraph = await createSubgraph({
    name: "workflow-definition",
    typeDefs: loadTypeDefs(new URL(".", import.meta.url)),
    resolvers: [workflowResolvers, stepResolvers, revisionResolvers, calendarResolvers, yamlResolvers],
    context: (base) => createGraphContext(base, { services, stores: { workflows, revisions, calendars }, references }),
    http,
    internalSecret,
    log,
  });
  const rpc = await createRpcServer({
    port: options.grpcPort,
    internalSecret,
    log,
    services: { Definitions: new Definitions(database, references) },
  });
  worker.start();
  const following = await followOrganizations({
    committer,
    organizations,
    rollouts,
    worker,
    replicas: options.replicas ?? 1,
  });
  return {
    grpcPort: rpc.port,
    stop: async () => {
      await following.stop();
      await worker.stop();
      await subgraph.stop();
      await rpc.close();
      await committer.stop();
    },
  };
}
