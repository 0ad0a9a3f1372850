import { randomBytes } from "node:crypto";
import {
  NO_CAUSATION,
  type PrepareEmailCommand,
  type Role,
  type StepResult,
  type WithdrawCommand,
} from "@cadenza/contracts";
import {
  type Bus,
  type Committer,
  connectBus,
  type Consumer,
  consume,
  createCommitter,
  ensureStreams,
} from "@cadenza/messaging";
import { createLogger, Metrics, newId, OpsServer } from "@cadenza/platform";
import { signInternalIdentity } from "@cadenza/rpc";
import { type EmailAccountDocument, type MessageDocument, type SecretKeys } from "@cadenza/sending";
import { connectDatabase, type Database, organizationScope } from "@cadenza/storage";
import { createSubgraph } from "@cadenza/subgraph";
import {
  startNats,
  streamPrefix,
  startSmtpServer,
  TestClock,
  testDatabase,
  type TestSmtpServer,
} from "@cadenza/testkit";
import { type Communications, createCommunications, INDEXES, resolvers, typeDefs } from "../src/communications.ts";
import { contextOf } from "../src/context.ts";
import { UNSUBSCRIBE_PATH } from "../src/unsubscribe/links.ts";
import { unsubscribeHandler } from "../src/unsubscribe/handler.ts";
import { ScriptedCrm } from "./scripted-crm.ts";

const SECRET = "a secret that is long enough for anybody's taste";
const log = createLogger({ service: "test", level: "fatal" });

export type Asker = { role?: Role; userId?: string | null; organizationId?: string };
type GraphErrors = { message: string; extensions: { code: string; path?: string[] } }[];

/** What the graph answered. */
export class GraphAnswer {
  readonly data: unknown;
  readonly errors: GraphErrors | undefined;

  constructor({ data, errors }: { data?: unknown; errors?: GraphErrors }) {
    this.data = data;
    this.errors = errors;
  }

  /** What stands at a path such as "sendMessage.message.id". */
  at<T = unknown>(path: string): T {
    return path
      .split(".")
      .reduce<unknown>((node, key) => (node as Record<string, unknown> | null)?.[key], this.data) as T;
  }
}

/** The whole service on real servers, with a scripted crm: asked through HTTP and told through the bus. */
export class World implements AsyncDisposable {
  readonly clock: TestClock;
  readonly organizationId: string;
  readonly crm: ScriptedCrm;
  readonly results: StepResult[] = [];
  readonly wakes: string[] = [];
  database!: Database;
  committer!: Committer;
  service!: Communications;
  smtp!: TestSmtpServer;
  baseUrl!: string;
  readonly #closers: (() => Promise<unknown>)[] = [];

  private constructor(clock: TestClock) {
    this.clock = clock;
    this.organizationId = newId(clock.now());
    this.crm = new ScriptedCrm(this.organizationId);
  }

  static async start(options: { keys?: SecretKeys } = {}): Promise<World> {
    const world = new World(new TestClock());
    await world.#start(options.keys ?? [{ id: "k1", key: randomBytes(32) }]);
    return world;
  }

  async #start(secretKeys: SecretKeys): Promise<void> {
    const created = await testDatabase("communications");
    this.#closers.push(created.drop);
    this.database = await connectDatabase({ url: created.url, name: created.name, log });
    this.#closers.push(() => this.database.close());
    await this.database.ensureIndexes(INDEXES);
    const bus: Bus = await connectBus({ url: (await startNats()).url, name: "test", log, namespace: streamPrefix() });
    this.#closers.push(() => bus.close());
    await ensureStreams(bus, { replicas: 1 });
    this.committer = createCommitter({
      database: this.database,
      bus,
      clock: this.clock,
      service: "communications",
      log,
    });
    await this.committer.start();
    this.#closers.push(() => this.committer.stop());
    bus.subscribeCore("wake.dispatcher", (text) => this.wakes.push(text));
    this.smtp = await startSmtpServer();
    this.#closers.push(() => this.smtp.close());
    const http = new OpsServer({ log, metrics: new Metrics({ service: "communications", replica: 0 }) });
    this.baseUrl = `http://127.0.0.1:${await http.listen(0)}`;
    this.#closers.push(() => http.close());
    this.service = createCommunications({
      database: this.database,
      committer: this.committer,
      crm: this.crm,
      secretKeys,
      publicUrl: this.baseUrl,
      resolveHost: async (host) => host,
    });
    const { parts, links } = this.service;
    http.route(UNSUBSCRIBE_PATH, unsubscribeHandler({ links, suppressions: parts.suppressions, log }));
    const graph = await createSubgraph({
      name: "communications",
      typeDefs,
      resolvers,
      context: (base) => contextOf(base, parts),
      http,
      internalSecret: SECRET,
      log,
    });
    this.#closers.push(() => graph.stop());
    const consumers: Consumer[] = await this.service.consume();
    const results = await consume({
      committer: this.committer,
      durable: "results",
      kinds: ["communicationsStepEnded"],
      handle: async (envelopes, unit) =>
        unit.afterCommit(() => this.results.push(...envelopes.flatMap(({ items }) => items))),
    });
    this.#closers.push(() => Promise.all([...consumers, results].map((consumer) => consumer.stop())));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
  }

  /** Asks the graph as the gateway would on somebody's behalf (default: an admin of the organization). */
  async ask(query: string, variables: Record<string, unknown> = {}, asker: Asker = {}): Promise<GraphAnswer> {
    const { role = "ADMIN", userId = null, organizationId = this.organizationId } = asker;
    const actor = userId
      ? { kind: "USER" as const, id: userId, label: "test" }
      : { kind: "API_KEY" as const, id: "key", label: "test" };
    const identity = await signInternalIdentity({ organizationId, role, actor }, SECRET);
    const response = await fetch(`${this.baseUrl}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-cadenza-identity": identity },
      body: JSON.stringify({ query, variables }),
    });
    return new GraphAnswer((await response.json()) as ConstructorParameters<typeof GraphAnswer>[0]);
  }

  /** A user with a connected account. */
  async sender(account: Record<string, unknown> = {}) {
    const user = this.crm.user();
    return { user, account: await this.connect(user.id, account) };
  }

  async connect(ownerId: string, values: Record<string, unknown> = {}): Promise<{ id: string }> {
    const smtp = {
      host: "127.0.0.1",
      port: this.smtp.port,
      security: "NONE",
      username: "sam",
      password: "p4ssw0rd-not-to-be-seen",
    };
    const input = { ownerId, address: `sam.${newId(this.clock.now()).toLowerCase()}@demo.test`, smtp, ...values };
    const answer = await this.ask(
      "mutation ($input: ConnectEmailAccountInput!) { connectEmailAccount(input: $input) { emailAccount { id } userErrors { code message path } } }",
      { input },
    );
    const payload = answer.at<{ emailAccount: { id: string } | null } | undefined>("connectEmailAccount");
    if (!payload?.emailAccount) throw new Error(JSON.stringify(answer));
    return payload.emailAccount;
  }

  async template(values: Record<string, unknown> = {}): Promise<{ id: string; revision: number }> {
    const input = {
      channel: "EMAIL",
      name: "First",
      subject: "Hello {{ contact.firstName }}",
      body: "<p>Hi {{ contact.firstName }} of {{ lead.name }}</p>",
      ...values,
    };
    const answer = await this.ask(
      "mutation ($input: TemplateInput!) { createTemplate(input: $input) { template { id revision } userErrors { code path } } }",
      { input },
    );
    const payload = answer.at<{ template: { id: string; revision: number } | null } | undefined>("createTemplate");
    if (!payload?.template) throw new Error(JSON.stringify(answer));
    return payload.template;
  }

  command(
    values: Partial<PrepareEmailCommand> &
      Pick<PrepareEmailCommand, "contactId" | "templateId" | "creatorOrEnrollingUserId">,
  ): PrepareEmailCommand {
    const at = this.clock.now();
    const [runId, stepId] = [newId(at), newId(at)];
    return {
      key: `${runId}:${stepId}:1`,
      runId,
      stepId,
      attempt: 1,
      workflowId: newId(at),
      leadId: this.crm.contacts.get(values.contactId)?.leadId ?? newId(at),
      opportunityId: null,
      event: null,
      causation: NO_CAUSATION,
      at,
      sender: { mode: "CREATOR_OR_ENROLLING_USER", userId: null, groupIds: [], customFieldId: null },
      sendMode: "SEND",
      schedule: null,
      chosenAccountIds: [],
      ...values,
    };
  }

  tell(...items: PrepareEmailCommand[]): Promise<void> {
    return this.committer.commit(async (unit) =>
      unit.tell({ kind: "prepareEmail", organizationId: this.organizationId, items }),
    );
  }

  withdraw({ key, runId, stepId, attempt }: PrepareEmailCommand): Promise<void> {
    const reason = { code: "STEP_REMOVED", message: "The step was removed." };
    const item: WithdrawCommand = {
      key: `${key}:withdraw`,
      effectKey: key,
      runId,
      stepId,
      attempt,
      reason,
      at: this.clock.now(),
    };
    return this.committer.commit(async (unit) =>
      unit.tell({ kind: "withdrawMessage", organizationId: this.organizationId, items: [item] }),
    );
  }

  resultsOf({ runId }: { runId: string }): StepResult[] {
    return this.results.filter((result) => result.runId === runId);
  }

  messages(): Promise<MessageDocument[]> {
    return this.database
      .tenant<MessageDocument>("messages")
      .find(organizationScope(this.organizationId), {}, { sort: { _id: 1 } });
  }

  async account(id: string): Promise<EmailAccountDocument> {
    const [account] = await this.database
      .tenant<EmailAccountDocument>("emailAccounts")
      .findByIds(organizationScope(this.organizationId), [id]);
    return account!;
  }

  /** As the dispatcher would. */
  async setStatus(messageId: string, values: Partial<MessageDocument>): Promise<void> {
    await this.database
      .tenant<MessageDocument>("messages")
      .updateOne(organizationScope(this.organizationId), { _id: messageId }, { $set: values, $inc: { version: 1 } });
  }
}
