import type { CrmReader, LeadView, Role, StepResult, SubjectView, TaskCompleted, UserView } from "@cadenza/contracts";
import { connectBus, consume, createCommitter, ensureStreams } from "@cadenza/messaging";
import { createLogger, Metrics, newId, OpsServer, ServiceUnavailableError } from "@cadenza/platform";
import { createRpcClient, createRpcServer, signInternalIdentity } from "@cadenza/rpc";
import { connectDatabase } from "@cadenza/storage";
import { startNats, streamPrefix, TestClock, testDatabase } from "@cadenza/testkit";
import { startTasks } from "../src/start.ts";
import { contactView, leadView, organizationView, userView } from "./views.ts";

const SECRET = "a secret that only this test knows, 32+";
const log = createLogger({ service: "test", level: "fatal" });

/** What a query answers has the shape that the test asked for. */
type Shape = ReturnType<typeof JSON.parse>;
type Answer = {
  status: number;
  data: Record<string, Shape>;
  errors: { message: string; extensions: { code: string; path?: string[] } }[];
};
export type Asker = { role?: Role; userId?: string; organizationId?: string };

/** What crm answers in a test. */
export class ScriptedCrm {
  isAway = false;
  calls = 0;
  readonly users = new Map<string, UserView>();
  readonly leads = new Map<string, LeadView>();
  readonly contacts = new Map<string, NonNullable<SubjectView["contact"]>>();

  readonly reader: CrmReader = {
    findContacts: () => Promise.reject(new Error("not asked here")),
    checkReferences: () => Promise.reject(new Error("not asked here")),
    catalog: () => Promise.reject(new Error("not asked here")),
    findStalled: () => Promise.reject(new Error("not asked here")),
    getSubjects: async ({ organizationId, subjects }) => {
      this.calls++;
      if (this.isAway) throw new ServiceUnavailableError("crm");
      return {
        organization: organizationView(organizationId),
        subjects: subjects.map(({ leadId, contactId, userIds }) => ({
          lead: this.leads.get(leadId) ?? null,
          contact: (contactId && this.contacts.get(contactId)) || null,
          opportunity: null,
          users: userIds.map((id) => this.users.get(id) ?? null),
        })),
      };
    },
  };
}

/** One running service on real MongoDB, NATS and gRPC, with a scripted crm. */
export async function startWorld() {
  const clock = new TestClock();
  const organizationId = newId(clock.now());
  const crm = new ScriptedCrm();
  const lead = leadView(newId(clock.now()), clock.now());
  const contact = contactView(newId(clock.now()), lead.id, clock.now());
  const [ada, bob, gone] = ["Ada", "Bob", "Gone"].map((name) => userView(newId(clock.now()), name)) as [
    UserView,
    UserView,
    UserView,
  ];
  gone.status = "DEACTIVATED";
  crm.leads.set(lead.id, lead);
  crm.contacts.set(contact.id, contact);
  for (const user of [ada, bob, gone]) crm.users.set(user.id, user);

  const testDb = await testDatabase("tasks");
  const database = await connectDatabase({ url: testDb.url, name: testDb.name, log });
  const bus = await connectBus({ url: (await startNats()).url, name: "test", log, namespace: streamPrefix() });
  await ensureStreams(bus, { replicas: 1 });
  const committer = createCommitter({ database, bus, clock, service: "tasks", log });
  const peer = await createRpcServer({ port: 0, internalSecret: SECRET, log, services: { CrmReader: crm.reader } });
  const reader = createRpcClient("CrmReader", `127.0.0.1:${peer.port}`, { internalSecret: SECRET, service: "test" });
  const http = new OpsServer({ log, metrics: new Metrics({ service: "test" }) });
  const port = await http.listen(0);
  const service = await startTasks({ committer, crm: reader, http, internalSecret: SECRET, replicas: 1, log });
  const results: StepResult[] = [];
  const completions: TaskCompleted[] = [];
  const hearing = await consume({
    committer,
    durable: "triggers",
    kinds: ["taskCompleted"],
    handle: async (envelopes, unit) =>
      unit.afterCommit(() => completions.push(...envelopes.flatMap(({ items }) => items))),
  });
  const listener = await consume({
    committer,
    durable: "orchestrator",
    kinds: ["tasksStepEnded"],
    handle: async (envelopes, unit) => unit.afterCommit(() => results.push(...envelopes.flatMap(({ items }) => items))),
  });

  const ask = async (query: string, variables: object = {}, asker: Asker = {}): Promise<Answer> => {
    const actor = { kind: "USER" as const, id: asker.userId ?? ada.id, label: "Ada" };
    const identity = { organizationId: asker.organizationId ?? organizationId, role: asker.role ?? "MEMBER", actor };
    const token = await signInternalIdentity(identity, SECRET);
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-cadenza-identity": token },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Partial<Answer>;
    return { status: response.status, data: body.data ?? {}, errors: body.errors ?? [] };
  };
  return {
    clock,
    organizationId,
    crm,
    lead,
    contact,
    users: { ada, bob, gone },
    committer,
    /** What the orchestrator has heard. */
    results,
    /** What was told of completed tasks. */
    completions,
    url: `http://127.0.0.1:${port}/graphql`,
    ask,
    /** The payload of a mutation's one field. */
    change: async (query: string, variables: object = {}, asker: Asker = {}): Promise<Shape> => {
      const answer = await ask(query, variables, asker);
      if (answer.errors.length > 0) throw new Error(JSON.stringify(answer.errors));
      return Object.values(answer.data)[0];
    },
    stop: async () => {
      await service.drain();
      await listener.stop();
      await hearing.stop();
      await service.stop();
      await http.close();
      reader.close();
      await peer.close();
      await bus.close();
      await database.close();
      await testDb.drop();
    },
  };
}
export type World = Awaited<ReturnType<typeof startWorld>>;
