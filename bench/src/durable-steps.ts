import type { Stack } from "@cadenza/e2e";
import { createWorkflow, until, updateStep } from "@cadenza/e2e";
import { cpuByService } from "./machine.ts";

export type DurableSteps = {
  runs: number;
  steps: number;
  seconds: number;
  stepsPerSecond: number;
  enrollSeconds: number;
  cpuMicrosPerStep: Record<string, number>;
};

/** PERF-1: `runs` contacts through a workflow of eight Update Lead steps, from the enrollMany call to the last run finished. */
export async function durableSteps(stack: Stack, options: { runs: number }): Promise<DurableSteps> {
  const graph = stack.as("Demo");
  await importContacts(stack, options.runs);
  const steps = Array.from({ length: 8 }, (_, index) => updateStep([{ field: "description", value: `step ${index}` }]));
  const workflow = await createWorkflow(graph, { name: `Eight updates ${options.runs}`, steps });

  const processes = await stack.processes();
  const cpuBefore = await cpuByService(processes);
  const startedAt = performance.now();
  const { job } = await graph.change(
    `mutation($input: EnrollManyInput!) { enrollMany(input: $input) { job { id } userErrors { code message } } }`,
    { input: { workflowId: workflow.id, contactFilter: { search: "bench" } } },
  );
  let enrolledAt = 0;
  await until(
    async () => {
      const state = await graph.data(
        `query($job: ID!, $id: ID!) { bulkJob(id: $job) { status succeeded failed skipped reasons { reason { code } count } } workflow(id: $id) { runCounts { finished error total } } }`,
        { job: job.id, id: workflow.id },
      );
      if (enrolledAt === 0 && state["bulkJob"].status !== "RUNNING") enrolledAt = performance.now();
      return state;
    },
    ({ workflow: { runCounts } }) => runCounts.finished + runCounts.error >= options.runs,
    { timeoutMs: 240_000, intervalMs: 500, what: "the last run to finish" },
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuAfter = await cpuByService(processes);
  const total = options.runs * 8;
  const cpuMicrosPerStep = Object.fromEntries(
    [...cpuAfter].map(([service, ms]) => [service, Math.round(((ms - (cpuBefore.get(service) ?? 0)) * 1000) / total)]),
  );
  return {
    runs: options.runs,
    steps: total,
    seconds,
    stepsPerSecond: total / seconds,
    enrollSeconds: (enrolledAt - startedAt) / 1000,
    cpuMicrosPerStep,
  };
}

async function importContacts(stack: Stack, count: number): Promise<void> {
  const rows = Array.from(
    { length: count },
    (_, index) => `Company ${index},Person ${index},bench${index}@load.example`,
  );
  const response = await fetch(`${new URL(stack.dev.graphqlUrl).origin}/imports?format=CSV&key=bench-${count}`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.user("Demo").token}`, "content-type": "text/csv" },
    body: `lead_name,contact_name,contact_email\n${rows.join("\n")}\n`,
  });
  const body = (await response.json()) as { jobId?: string; id?: string };
  const id = body.jobId ?? body.id;
  if (!response.ok || !id) throw new Error(`The import answered ${response.status}: ${JSON.stringify(body)}`);
  await until(
    async () =>
      (await stack.as("Demo").data(`query($id: ID!) { importJob(id: $id) { status succeeded failed } }`, { id }))[
        "importJob"
      ],
    ({ status }) => status !== "RUNNING",
    { timeoutMs: 180_000, intervalMs: 200, what: "the import" },
  );
}
