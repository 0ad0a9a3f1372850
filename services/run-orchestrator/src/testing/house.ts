import { randomUUID } from "node:crypto";
import type {
  Actor,
  CallView,
  CrmChange,
  EmailPreview,
  EmailPreviewItem,
  ItemOf,
  MessageKind,
  Role,
  StepResult,
} from "@cadenza/contracts";
import { type Committer, connectBus, consumeCommands, createCommitter, ensureStreams } from "@cadenza/messaging";
import { type Clock, createLogger, Metrics, newId, OpsServer, realClock } from "@cadenza/platform";
import { createRpcClient, createRpcServer, signInternalIdentity } from "@cadenza/rpc";
import { connectDatabase, organizationScope } from "@cadenza/storage";
import { startNats, streamPrefix, testDatabase } from "@cadenza/testkit";
import { RunStore } from "../runs/store.ts";
import { type RunOrchestrator, startRunOrchestrator } from "../start.ts";
import { FakeCrm } from "./fake-crm.ts";
import { FakeDefinitions } from "./fake-definitions.ts";

const SECRET = "a secret for tests of at least 32 characters";
const log = createLogger({ service: "test", level: "silent" });

export type Replica = RunOrchestrator & { url: string; holder: string };
export type GraphError = { message: string; extensions: { code: string; path?: string[] } };
export type Asker = { organizationId?: string; role?: Role; actor?: Actor };

/**
 * One house for a test: run-orchestrator replicas before a real MongoDB, NATS and gRPC; the other services are scripted.
 * crm's part answers Update Lead with DONE, so that runs walk on.
 */
export async function startHouse(options: { clock?: Clock } = {}) {
  const clock = options.clock ?? realClock;
  const [stored, nats] = await Promise.all([testDatabase("runs"), startNats()]);
  const namespace = `${streamPrefix()}_`;
  const organizationId = newId(realClock.now());
  const crm = new FakeCrm();
  const definitions = new FakeDefinitions();
  /** Calls as communications keeps them, by id. */
  const calls = new Map<string, CallView>();
  /** What communications would make of an email, as a test says. */
  let emails = (item: EmailPreviewItem): EmailPreview => ({
    outcome: "READY",
    reason: null,
    senderId: item.creatorOrEnrollingUserId,
    subject: "Hello",
    body: "<p>Hello</p>",
  });
  const due = { due: 0, nextAt: null as string | null };
  const peers = await createRpcServer({
    port: 0,
    internalSecret: SECRET,
    log,
    services: {
      CrmReader: crm,
      Definitions: definitions,
      Sends: {
        checkTemplates: async () => ({ templates: [] }),
        findTemplates: async () => ({ templates: [] }),
        getCalls: async (request) => ({
          calls: request.callIds.map((id) => (request.organizationId === organizationId && calls.get(id)) || null),
        }),
        previewEmails: async ({ items }) => ({ emails: items.map((item) => emails(item)) }),
        countDue: async () => due,
      },
    },
  });
  const closing: (() => Promise<unknown> | void)[] = [() => peers.close()];
  const scope = organizationScope(organizationId);

  const connect = async (service: string, databaseName: string) => {
    const database = await connectDatabase({ url: stored.url, name: databaseName, log });
    const bus = await connectBus({ url: nats.url, name: service, log, namespace });
    closing.unshift(async () => {
      await bus.close();
      await database.close();
    });
    await ensureStreams(bus, { replicas: 1 });
    return { database, bus, committer: createCommitter({ database, bus, clock, service, log }) };
  };

  const committers: Committer[] = [];
  const replica = async (): Promise<Replica> => {
    const { committer } = await connect("run-orchestrator", stored.name);
    committers.push(committer);
    const http = new OpsServer({ log, metrics: new Metrics({ service: "test" }) });
    const holder = randomUUID();
    const peer = { internalSecret: SECRET, service: "run-orchestrator" };
    const address = `127.0.0.1:${peers.port}`;
    const clients = {
      crm: createRpcClient("CrmReader", address, peer),
      definitions: createRpcClient("Definitions", address, peer),
      sends: createRpcClient("Sends", address, peer),
    };
    const service = await startRunOrchestrator({
      ...clients,
      committer,
      http,
      internalSecret: SECRET,
      holder,
      replicas: 1,
      log,
    });
    const port = await http.listen(0);
    closing.unshift(async () => {
      await service.drain();
      await service.stop();
      http.server.closeAllConnections();
      await http.close();
      for (const client of Object.values(clients)) client.close();
    });
    return { ...service, holder, url: `http://127.0.0.1:${port}/graphql` };
  };

  const first = await replica();
  const outside = await connect("crm", `${stored.name}_crm`);
  await outside.committer.start();
  const receiver = await consumeCommands({
    committer: outside.committer,
    kind: "updateLead",
    effect: async (items) =>
      items.map(({ key, runId, stepId, attempt }): StepResult => {
        return {
          key,
          runId,
          stepId,
          attempt,
          outcome: "DONE",
          reason: null,
          messageId: null,
          taskId: null,
          changes: [],
          at: clock.now(),
        };
      }),
  });
  closing.unshift(
    () => receiver.stop(),
    () => outside.committer.stop(),
  );

  /** Asks as the gateway would; a member of the house's organization where nothing else is said. */
  const ask = async (
    query: string,
    variables: object = {},
    asker: Asker = {},
    url = first.url,
  ): Promise<{ data: unknown; errors?: GraphError[] }> => {
    const actor = asker.actor ?? { kind: "USER", id: newId(realClock.now()), label: "Ada" };
    const identity = await signInternalIdentity(
      { organizationId: asker.organizationId ?? organizationId, role: asker.role ?? "MEMBER", actor },
      SECRET,
    );
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-cadenza-identity": identity },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as { data: unknown; errors?: GraphError[] };
  };
  /** The data; an error is the test's failure. */
  const data = async <T>(query: string, variables: object = {}, asker: Asker = {}, url = first.url): Promise<T> => {
    const answer = await ask(query, variables, asker, url);
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data as T;
  };
  /** Tells what happened as another service does: in one transaction of its own. */
  const publish = <K extends MessageKind>(kind: K, items: readonly ItemOf<K>[]): Promise<void> =>
    outside.committer.commit(async (unit) => unit.tell<K>({ kind, organizationId, items: [...items] }));
  /** Tells changes as crm does. */
  const tell = (changes: readonly CrmChange[]): Promise<void> => publish("crmChanged", changes);

  return {
    organizationId,
    scope,
    crm,
    definitions,
    calls,
    previewBy: (preview: typeof emails) => void (emails = preview),
    due,
    first,
    committer: committers[0]!,
    replica,
    ask,
    data,
    tell,
    publish,
    database: (await connect("looker-on", stored.name)).database,
    runs: first.engine.runs as RunStore,
    async [Symbol.asyncDispose]() {
      for (const close of closing) await close();
      await stored.drop();
    },
  };
}

export type House = Awaited<ReturnType<typeof startHouse>>;
