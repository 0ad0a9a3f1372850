import type { ActivityRecorded, CrmChange, ItemOf, Role, StepResult } from "@cadenza/contracts";
import { connectBus, consume, ensureStreams } from "@cadenza/messaging";
import { createLogger, Lifecycle, Metrics, newId, OpsServer } from "@cadenza/platform";
import { createRpcClient, signInternalIdentity } from "@cadenza/rpc";
import { connectDatabase, organizationScope } from "@cadenza/storage";
import { startNats, streamPrefix, TestClock, testDatabase } from "@cadenza/testkit";
import { type ServeOptions, serve } from "../src/serve.ts";

const INTERNAL_SECRET = "a secret of thirty-two characters";

export type GraphAnswer = {
  // Tests pick what they asked for; the graph's types are checked by the graph.
  data: Record<string, unknown>;
  errors?: { message: string; extensions: { code: string; path?: string[] } }[];
};

/** One person of an organization, as the gateway vouches for them. */
export type Person = { organizationId: string; userId: string; role: Role };

export type CrmStack = Awaited<ReturnType<typeof startCrmStack>>;

/** A whole CRM in this process, over a database and streams of its own, with two organizations. */
export async function startCrmStack() {
  const clock = new TestClock();
  const log = createLogger({ service: "crm", level: "fatal" });
  const created = await testDatabase("crm");
  const database = await connectDatabase({ url: created.url, name: created.name, log });
  const bus = await connectBus({ url: (await startNats()).url, name: "test", log, namespace: streamPrefix() });
  await ensureStreams(bus, { replicas: 1 });
  const demo = organization("Demo", clock.now());
  const other = organization("Other", clock.now());
  const options = {
    database,
    bus,
    clock,
    log,
    internalSecret: INTERNAL_SECRET,
    grpcPort: 0,
    replicas: 1,
    organizations: [demo, other],
  };
  const process = await startProcess(options);
  const url = `http://127.0.0.1:${process.http.port}`;
  const rpcOptions = { internalSecret: INTERNAL_SECRET, service: "test" };
  const reader = createRpcClient("CrmReader", `127.0.0.1:${process.grpcPort}`, rpcOptions);
  const identity = createRpcClient("Identity", `127.0.0.1:${process.grpcPort}`, rpcOptions);

  const tokenOf = ({ organizationId, userId, role }: Person) =>
    signInternalIdentity(
      { organizationId, role, actor: { kind: "USER", id: userId, label: "Somebody" } },
      INTERNAL_SECRET,
    );

  return {
    clock,
    database,
    bus,
    url,
    reader,
    identity,
    crm: process.crm,
    committer: process.crm.committer,
    people: { ...peopleOf(demo), stranger: peopleOf(other).admin },
    scope: organizationScope(demo.id),
    otherScope: organizationScope(other.id),
    tokenOf,
    /** Another process of the same service over the same database. */
    startReplica: () => startProcess(options),
    async graph(person: Person, query: string, variables: object = {}): Promise<GraphAnswer> {
      const headers = { "content-type": "application/json", "x-cadenza-identity": await tokenOf(person) };
      const body = JSON.stringify({ query, variables });
      const response = await fetch(`${url}/graphql`, { method: "POST", headers, body });
      return (await response.json()) as GraphAnswer;
    },
    /** Everything that the CRM tells others from here on. */
    async listen() {
      const changes: CrmChange[] = [];
      const merges: CrmChange[] = [];
      const results: StepResult[] = [];
      const activities: ActivityRecorded[] = [];
      const consumers = await Promise.all([
        consume({
          committer: process.crm.committer,
          durable: "test-changes",
          kinds: ["crmChanged"],
          handle: async (envelopes, unit) =>
            unit.afterCommit(() => changes.push(...envelopes.flatMap(({ items }) => items))),
        }),
        consume({
          committer: process.crm.committer,
          durable: "test-merges",
          kinds: ["subjectMerged"],
          handle: async (envelopes, unit) =>
            unit.afterCommit(() => merges.push(...envelopes.flatMap(({ items }) => items))),
        }),
        consume({
          committer: process.crm.committer,
          durable: "test-activities",
          kinds: ["activityRecorded"],
          handle: async (envelopes, unit) =>
            unit.afterCommit(() => activities.push(...envelopes.flatMap(({ items }) => items))),
        }),
        consume({
          committer: process.crm.committer,
          durable: "test-results",
          kinds: ["crmStepEnded"],
          handle: async (envelopes, unit) =>
            unit.afterCommit(() => results.push(...envelopes.flatMap(({ items }) => items))),
        }),
      ]);
      process.lifecycle.onDrain("listeners", async () => {
        await Promise.all(consumers.map((consumer) => consumer.stop()));
      });
      return { changes, merges, results, activities };
    },
    tellCommands: (items: ItemOf<"updateLead">[]) =>
      process.crm.committer.commit(async (unit) => unit.tell({ kind: "updateLead", organizationId: demo.id, items })),
    async stop(): Promise<void> {
      reader.close();
      identity.close();
      await process.lifecycle.end();
      await bus.close();
      await database.close();
      await created.drop();
    },
  };
}

async function startProcess(options: Omit<ServeOptions, "http" | "lifecycle">) {
  const lifecycle = new Lifecycle({ log: options.log });
  const http = new OpsServer({ log: options.log, metrics: new Metrics({ service: "crm" }) });
  await http.listen(0);
  lifecycle.onClose("http", () => http.close());
  return { ...(await serve({ ...options, http, lifecycle })), http, lifecycle };
}

function organization(name: string, at: Date) {
  const user = (role: Role) => ({ id: newId(at), name: `${role} of ${name}`, email: `${role}@${name}.test`, role });
  return {
    id: newId(at),
    name,
    timeZone: "Europe/Berlin",
    country: "DE",
    users: [user("ADMIN"), user("MEMBER"), user("VIEWER")],
  };
}

function peopleOf({ id, users }: ReturnType<typeof organization>) {
  const person = (role: Role): Person => ({
    organizationId: id,
    userId: users.find((user) => user.role === role)!.id,
    role,
  });
  return { admin: person("ADMIN"), member: person("MEMBER"), viewer: person("VIEWER") };
}
