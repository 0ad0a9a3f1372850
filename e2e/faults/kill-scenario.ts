import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { MailLedger } from "../stack/mail-ledger.ts";
import { Stack } from "../stack/stack.ts";
import { until } from "../stack/until.ts";
import { connectMailbox, createTemplate, createWorkflow, emailStep, updateStep } from "../stack/world.ts";

const VICTIMS = ["run-orchestrator", "dispatcher", "communications", "crm", "nats-server"];

export type Verdict = {
  runs: number;
  kills: number;
  finished: number;
  unknown: number;
  lost: string[];
  duplicated: string[];
  stuck: string[];
  seconds: number;
};

/**
 * REL-1: contacts walk through two emails and two updates while processes are killed with SIGKILL, one after another.
 * The judge is a mail server outside the product. A send whose outcome nobody can know may show as UNKNOWN_OUTCOME; it may
 * never happen twice.
 */
export async function killUnderLoad(options: {
  contacts: number;
  kills: number;
  betweenKillsMs: number;
}): Promise<Verdict> {
  const startedAt = performance.now();
  const ledger = await new MailLedger().start();
  const stack = await Stack.start(["--no-seed", "--scale", "run-orchestrator=2,dispatcher=2"]);
  try {
    const graph = stack.as("Demo");
    await connectMailbox(stack, "Demo", { host: "127.0.0.1", port: ledger.port });
    const [first, second] = [
      await createTemplate(graph, { name: "One", subject: "First" }),
      await createTemplate(graph, { name: "Two", subject: "Second" }),
    ];
    const update = (value: string) => updateStep([{ field: "description", value }]);
    const workflow = await createWorkflow(graph, {
      name: "Under fire",
      steps: [emailStep(first), update("after first"), emailStep(second), update("after second")],
    });
    const content = `lead_name,contact_name,contact_email\n${Array.from({ length: options.contacts }, (_, i) => `Fire ${i},Person ${i},fire${i}@fire.example`).join("\n")}\n`;
    const imported = await graph.change(
      `mutation($content: String!) { importLeads(input: { format: CSV, content: $content, idempotencyKey: "fire" }) { job { id } userErrors { code message } } }`,
      { content },
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

    for (let kill = 0; kill < options.kills; kill++) {
      await wait(options.betweenKillsMs);
      const victims = await stack.processes(VICTIMS[kill % VICTIMS.length]);
      const victim = victims[kill % victims.length];
      if (victim) killHard(victim.pid);
    }

    const counts = `query($id: ID!) { workflow(id: $id) { runCounts { active paused finished error canceled total } } }`;
    // A killed service answers again within a second or two; until then a query may fail.
    await until(
      async () =>
        (await graph.ask<Record<string, any>>(counts, { id: workflow.id })).data?.["workflow"]?.runCounts ?? null,
      (state) => state !== null && state.total === options.contacts && state.active === 0,
      { timeoutMs: 170_000, intervalMs: 500, what: "every run to end or to ask for a person" },
    );
    return await judge(stack, ledger, workflow.id, options, (performance.now() - startedAt) / 1000);
  } finally {
    await stack.stop();
    await ledger.stop();
  }
}

async function judge(
  stack: Stack,
  ledger: MailLedger,
  workflowId: string,
  options: { contacts: number; kills: number },
  seconds: number,
): Promise<Verdict> {
  const graph = stack.as("Demo");
  const runs: Record<string, any>[] = [];
  let after: string | null = null;
  do {
    const page: Record<string, any> = (
      await graph.data(
        `query($id: ID!, $after: String) { workflow(id: $id) { runs(first: 200, after: $after) { nodes { id status reason { code } contact { emails { address } } executions { kind status message { status } } } pageInfo { hasNextPage endCursor } } } }`,
        { id: workflowId, after },
      )
    )["workflow"].runs;
    runs.push(...page["nodes"]);
    after = page["pageInfo"].hasNextPage ? page["pageInfo"].endCursor : null;
  } while (after !== null);

  const accepted = ledger.counts();
  const verdict: Verdict = {
    runs: runs.length,
    kills: options.kills,
    finished: 0,
    unknown: 0,
    lost: [],
    duplicated: [],
    stuck: [],
    seconds,
  };
  for (const run of runs) {
    const address = run["contact"].emails[0].address as string;
    const isUnknown = run["status"] === "ERROR" && run["executions"].at(-1).message?.status === "UNKNOWN_OUTCOME";
    if (run["status"] === "FINISHED") verdict.finished++;
    else if (isUnknown) verdict.unknown++;
    else verdict.stuck.push(`${run["id"]} ${run["status"]} ${run["reason"]?.code}`);
    for (const subject of ["First", "Second"]) {
      const times = accepted.get(`${address} ${subject}`) ?? 0;
      if (times > 1) verdict.duplicated.push(`${address} ${subject} x${times}`);
      if (times === 0 && run["status"] === "FINISHED") verdict.lost.push(`${address} ${subject}`);
    }
  }
  return verdict;
}

export function expectNothingLost(verdict: Verdict, contacts: number): void {
  process.stdout.write(
    `${JSON.stringify({ ...verdict, lost: verdict.lost.length, duplicated: verdict.duplicated.length, stuck: verdict.stuck.length })}\n`,
  );
  expect(verdict.runs).toBe(contacts);
  expect(verdict.lost).toEqual([]);
  expect(verdict.duplicated).toEqual([]);
  expect(verdict.stuck).toEqual([]);
}

/** The process may have died a moment ago. */
function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
