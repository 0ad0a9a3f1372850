import { setTimeout as wait } from "node:timers/promises";
import type { GraphClient } from "../stack/graph-client.ts";
import { MailLedger } from "../stack/mail-ledger.ts";
import { Stack } from "../stack/stack.ts";
import { until } from "../stack/until.ts";
import { connectMailbox, createTemplate, createWorkflow, emailStep, updateStep } from "../stack/world.ts";
import { judge, type Verdict } from "./verdict.ts";

export type LoadOptions = {
  contacts: number;
  /** How long the mail server takes to accept a message (default 10). */
  acceptMs?: number;
  /** Replicas, as `--scale` takes them (default two of the engine and of the dispatcher). */
  scale?: string;
};

const COUNTS = `query($id: ID!) { workflow(id: $id) { runCounts { active paused finished error canceled total } } }`;

/** Contacts that walk through two emails and two updates in a stack of their own. The judge is a mail server outside the product. */
export class Load {
  readonly stack: Stack;
  readonly graph: GraphClient;
  readonly ledger: MailLedger;
  readonly workflowId: string;
  readonly #contacts: number;
  readonly #startedAt = performance.now();

  private constructor(stack: Stack, ledger: MailLedger, workflowId: string, contacts: number) {
    this.stack = stack;
    this.graph = stack.as("Demo");
    this.ledger = ledger;
    this.workflowId = workflowId;
    this.#contacts = contacts;
  }

  /** Runs `scenario` under load, then waits for every run and judges. The stack and the mail server end with it. */
  static async judged(options: LoadOptions, scenario: (load: Load) => Promise<void>): Promise<Verdict> {
    const ledger = await new MailLedger({ delayMs: options.acceptMs ?? 10 }).start();
    const scale = options.scale ?? "run-orchestrator=2,dispatcher=2";
    const stack = await Stack.start(["--no-seed", "--scale", scale]);
    try {
      const load = new Load(stack, ledger, await enrolAll(stack, ledger, options.contacts), options.contacts);
      await scenario(load);
      await load.#ended();
      const seconds = (performance.now() - load.#startedAt) / 1000;
      return await judge(load.graph, ledger, load.workflowId, seconds);
    } finally {
      await stack.stop();
      await ledger.stop();
    }
  }

  /** Resolves once the mail server has accepted so many messages more than now. */
  async moreMail(count: number, withinMs: number, what: string): Promise<void> {
    const before = this.ledger.accepted.length;
    await until(
      () => this.ledger.accepted.length - before,
      (more) => more >= count,
      { timeoutMs: withinMs, what: `${count} more messages ${what}` },
    );
  }

  /** Sends a signal to the process that is `replica` of the service now; answers its pid. */
  async signal(service: string, signal: NodeJS.Signals, replica = 0): Promise<number> {
    const processes = await this.stack.processes(service);
    const target = processes[replica % processes.length];
    if (!target) throw new Error(`No process of ${service} is running.`);
    signalIfAlive(target.pid, signal);
    return target.pid;
  }

  /** The replica of the dispatcher that sends: one account has one owner. */
  async sender(): Promise<number> {
    const replicas = await Promise.all(
      (await this.stack.processes("dispatcher")).map(async ({ replica, metricsUrl }) => {
        const text = await (await fetch(metricsUrl!)).text();
        return { replica, inFlight: Number(/^cadenza_sends_in_flight\S* (\d+)$/m.exec(text)?.[1]) };
      }),
    );
    const sender = replicas.find(({ inFlight }) => inFlight > 0);
    if (!sender) throw new Error("No dispatcher sends anything.");
    return sender.replica;
  }

  /** A killed service answers again within a second or two; until then a query may fail. */
  async #ended(): Promise<void> {
    await until(
      async () =>
        (await this.graph.ask<Record<string, any>>(COUNTS, { id: this.workflowId })).data?.["workflow"]?.runCounts ??
        null,
      (state) => state !== null && state.total === this.#contacts && state.active === 0,
      { timeoutMs: 170_000, intervalMs: 500, what: "every run to end or to ask for a person" },
    );
  }
}

/** How long a stop lasts that the product must notice and outlive. */
export const outage = (seconds: number): Promise<void> => wait(seconds * 1000);

/** The process may have died a moment ago. */
export function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function enrolAll(stack: Stack, ledger: MailLedger, contacts: number): Promise<string> {
  const graph = stack.as("Demo");
  await connectMailbox(stack, "Demo", { host: "127.0.0.1", port: ledger.port });
  const first = await createTemplate(graph, { name: "One", subject: "First" });
  const second = await createTemplate(graph, { name: "Two", subject: "Second" });
  const update = (value: string) => updateStep([{ field: "description", value }]);
  const workflow = await createWorkflow(graph, {
    name: "Under fire",
    steps: [emailStep(first), update("after first"), emailStep(second), update("after second")],
  });
  const rows = Array.from({ length: contacts }, (_, i) => `Fire ${i},Person ${i},fire${i}@fire.example`);
  const imported = await graph.change(
    `mutation($content: String!) { importLeads(input: { format: CSV, content: $content, idempotencyKey: "fire" }) { job { id } userErrors { code message } } }`,
    { content: `lead_name,contact_name,contact_email\n${rows.join("\n")}\n` },
  );
  await until(
    async () =>
      (await graph.data(`query($id: ID!) { importJob(id: $id) { status } }`, { id: imported.job.id }))["importJob"]
        .status,
    (status) => status === "SUCCEEDED",
  );
  await graph.change(
    `mutation($input: EnrollManyInput!) { enrollMany(input: $input) { job { id } userErrors { code message } } }`,
    { input: { workflowId: workflow.id, contactFilter: { search: "fire" }, idempotencyKey: "fire" } },
  );
  return workflow.id;
}
