import type { Stack } from "@cadenza/e2e";
import { createWorkflow, until, updateStep } from "@cadenza/e2e";
import { contactRows, importContacts } from "./import-contacts.ts";
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
  await importContacts(stack, { key: `bench-${options.runs}`, rows: contactRows("bench", options.runs) });
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
