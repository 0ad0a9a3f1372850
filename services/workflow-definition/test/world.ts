import type {
  CatalogResponse,
  CheckReferencesResponse,
  CheckTemplatesResponse,
  FindTemplatesResponse,
  Role,
  RpcServices,
} from "@cadenza/contracts";
import { connectBus, createCommitter, ensureStreams } from "@cadenza/messaging";
import { createLogger, Metrics, newId, OpsServer, ServiceUnavailableError } from "@cadenza/platform";
import { createRpcClient, createRpcServer, signInternalIdentity } from "@cadenza/rpc";
import { connectDatabase } from "@cadenza/storage";
import { startNats, streamPrefix, TestClock, testDatabase } from "@cadenza/testkit";
import { startWorkflowDefinition } from "../src/start.ts";

const SECRET = "a secret that only this test knows, 32+";
const log = createLogger({ service: "test", level: "fatal" });

/** What a query answers has the shape that the test asked for. */
type Shape = ReturnType<typeof JSON.parse>;
type Answer = {
  status: number;
  data: Record<string, Shape>;
  errors: { message: string; extensions: { code: string; path?: string[] } }[];
};
export type Asker = { role?: Role; userId?: string; organizationId?: string; apiKey?: boolean };

/** What crm and communications answer in a test; `isAway` makes both unreachable. */
export class Peers {
  isAway = false;
  users: CheckReferencesResponse["users"] = [];
  customFields: CheckReferencesResponse["customFields"] = [];
  leadStatusIds: string[] = [];
  templates: CheckTemplatesResponse["templates"] = [];
  /** What things are called; whatever stands here exists for the other questions too. */
  catalog: Omit<CatalogResponse, "organizationTimeZone"> = {
    users: [],
    groups: [],
    customFields: [],
    leadStatuses: [],
    opportunityStatuses: [],
  };
  namedTemplates: FindTemplatesResponse["templates"] = [];
  organizationTimeZone = "Europe/Berlin";

  readonly services: Partial<RpcServices> = {
    CrmReader: {
      getSubjects: () => Promise.reject(new Error("not asked here")),
      findContacts: () => Promise.reject(new Error("not asked here")),
      findStalled: () => Promise.reject(new Error("not asked here")),
      checkReferences: async ({ userIds, groupIds, customFieldIds, leadStatusIds }) => {
        this.#answer();
        const { users, groups, customFields, leadStatuses, opportunityStatuses } = this.catalog;
        return {
          organizationTimeZone: this.organizationTimeZone,
          users: [...this.users, ...users].filter(({ id }) => userIds.includes(id)),
          groups: groups.filter(({ id }) => groupIds.includes(id)),
          customFields: [...this.customFields, ...customFields].filter(({ id }) => customFieldIds.includes(id)),
          leadStatusIds: [...this.leadStatusIds, ...idsOf(leadStatuses)].filter((id) => leadStatusIds.includes(id)),
          opportunityStatusIds: idsOf(opportunityStatuses),
        };
      },
      catalog: async ({ users, groups }) => {
        this.#answer();
        return {
          ...this.catalog,
          organizationTimeZone: this.organizationTimeZone,
          users: this.catalog.users.filter(
            ({ id, name, email }) =>
              users.ids.includes(id) || isAmong(email, users.emails) || isAmong(name, users.names),
          ),
          groups: this.catalog.groups.filter(({ id, name }) => groups.ids.includes(id) || isAmong(name, groups.names)),
        };
      },
    },
    Sends: {
      getCalls: () => Promise.reject(new Error("not asked here")),
      previewEmails: () => Promise.reject(new Error("not asked here")),
      countDue: () => Promise.reject(new Error("not asked here")),
      checkTemplates: async ({ templateIds }) => {
        this.#answer();
        return { templates: [...this.templates, ...this.namedTemplates].filter(({ id }) => templateIds.includes(id)) };
      },
      findTemplates: async ({ ids, names }) => {
        this.#answer();
        const templates = this.namedTemplates.filter(
          (template) =>
            ids.includes(template.id) ||
            names.some(({ channel, name }) => template.channel === channel && isAmong(template.name, [name])),
        );
        return { templates };
      },
    },
  };

  #answer(): void {
    if (this.isAway) throw new ServiceUnavailableError("crm");
  }
}

const idsOf = (documents: { id: string }[]): string[] => documents.map(({ id }) => id);
const isAmong = (text: string, others: string[]): boolean =>
  others.some((other) => other.toLowerCase() === text.toLowerCase());

/** One running service on real MongoDB, NATS and gRPC, with scripted peers. */
export async function startWorld() {
  const clock = new TestClock();
  const organizationId = newId(clock.now());
  const [admin, member, deactivated] = [newId(clock.now()), newId(clock.now()), newId(clock.now())];
  const peers = new Peers();
  peers.users = [
    { id: admin, status: "ACTIVE" },
    { id: member, status: "ACTIVE" },
    { id: deactivated, status: "DEACTIVATED" },
  ];
  const testDb = await testDatabase("definition");
  const database = await connectDatabase({ url: testDb.url, name: testDb.name, log });
  const bus = await connectBus({ url: (await startNats()).url, name: "test", log, namespace: streamPrefix() });
  await ensureStreams(bus, { replicas: 1 });
  const committer = createCommitter({ database, bus, clock, service: "workflow-definition", log });
  const peerServer = await createRpcServer({ port: 0, internalSecret: SECRET, log, services: peers.services });
  const client = { internalSecret: SECRET, service: "test" };
  const crm = createRpcClient("CrmReader", `127.0.0.1:${peerServer.port}`, client);
  const sends = createRpcClient("Sends", `127.0.0.1:${peerServer.port}`, client);
  const http = new OpsServer({ log, metrics: new Metrics({ service: "test" }) });
  const port = await http.listen(0);
  const service = await startWorkflowDefinition({
    committer,
    crm,
    sends,
    http,
    internalSecret: SECRET,
    grpcPort: 0,
    settleMs: 100,
    sweepEveryMs: 50,
    log,
  });
  const definitions = createRpcClient("Definitions", `127.0.0.1:${service.grpcPort}`, client);

  const ask = async (query: string, variables: object = {}, asker: Asker = {}): Promise<Answer> => {
    const actor = asker.apiKey
      ? ({ kind: "API_KEY", id: newId(clock.now()), label: "Key" } as const)
      : ({ kind: "USER", id: asker.userId ?? admin, label: "Ada" } as const);
    const identity = { organizationId: asker.organizationId ?? organizationId, role: asker.role ?? "ADMIN", actor };
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-cadenza-identity": await signInternalIdentity(identity, SECRET),
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Partial<Answer>;
    return { status: response.status, data: body.data ?? {}, errors: body.errors ?? [] };
  };
  return {
    clock,
    organizationId,
    users: { admin, member, deactivated },
    peers,
    committer,
    definitions,
    url: `http://127.0.0.1:${port}/graphql`,
    ask,
    /** The payload of a mutation's one field. */
    change: async (query: string, variables: object = {}, asker: Asker = {}) => {
      const answer = await ask(query, variables, asker);
      if (answer.errors.length > 0) throw new Error(JSON.stringify(answer.errors));
      return Object.values(answer.data)[0];
    },
    stop: async () => {
      await service.stop();
      await http.close();
      for (const each of [crm, sends, definitions]) each.close();
      await peerServer.close();
      await bus.close();
      await database.close();
      await testDb.drop();
    },
  };
}
export type World = Awaited<ReturnType<typeof startWorld>>;

const FIELDS = `workflow { id revision status name description owner { id } schedule { timeZone blackoutDates blackoutCalendars { name dates } }
  trigger { event conditions } recipient { mode } reentry { mode minimumDaysSinceLastStart }
  steps { __typename id kind name position delay { amount unit } ... on UpdateLeadStep { fields { field value template } } } }
  problems { code stepId field message } userErrors { code message path }`;

export const CREATE = `mutation($input: CreateWorkflowInput!) { createWorkflow(input: $input) { ${FIELDS} } }`;
export const UPDATE = `mutation($id: ID!, $input: UpdateWorkflowInput!) { updateWorkflow(id: $id, input: $input) { ${FIELDS} } }`;
export const EDIT = `mutation($id: ID!, $revision: Int!, $edits: [StepEditInput!]!) { editSteps(workflowId: $id, expectedRevision: $revision, edits: $edits) { ${FIELDS} } }`;
export const ACTIVATE = `mutation($id: ID!) { activateWorkflow(id: $id) { ${FIELDS} } }`;
export const ARCHIVE = `mutation($id: ID!) { archiveWorkflow(id: $id) { ${FIELDS} } }`;
export const RESTORE = `mutation($id: ID!, $revision: Int!, $number: Int!) { restoreRevision(workflowId: $id, expectedRevision: $revision, number: $number) { ${FIELDS} } }`;

/** An Update Lead step without a fault. */
export const step = (name: string, value: unknown = name) => ({
  name,
  updateLead: { fields: [{ field: "description", value }] },
});
