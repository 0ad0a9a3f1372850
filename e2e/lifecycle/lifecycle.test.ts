import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Stack } from "../stack/stack.ts";
import { until } from "../stack/until.ts";
import { createLead, createWorkflow, enroll, readRun, runUntil, taskStep, updateStep } from "../stack/world.ts";

test("OPS-1, OPS-2, REL-5: a stack stops within 10 s, loses nothing, and goes on where it was", {
  timeout: 240_000,
}, async () => {
  const home = await mkdtemp(join(tmpdir(), "cadenza-e2e-"));
  const first = await Stack.startIn(home, ["--no-seed"]);
  const graph = first.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Survives",
    steps: [updateStep([{ field: "description", value: "x" }], { amount: 1, unit: "MINUTE" }), taskStep()],
  });
  const { contactId } = await createLead(graph);
  const runId = await enroll(graph, workflow.id, contactId);
  const before = await readRun(graph, runId);
  const stopping = performance.now();
  expect(await first.interrupt()).toBe(0);
  expect(performance.now() - stopping).toBeLessThan(10_000);

  const second = await Stack.startIn(home, ["--no-seed"]);
  const after = await readRun(second.as("Demo"), runId);
  expect(after.nextAction).toEqual(before.nextAction);
  await second.stop();
  await rm(home, { recursive: true, force: true });
});

test("OPS-3, API-6: a process that dies is restarted; meanwhile only its own fields fail", {
  timeout: 240_000,
}, async () => {
  const stack = await Stack.start(["--no-seed", "--scale", "run-orchestrator=2"]);
  try {
    expect(await stack.processes("run-orchestrator")).toHaveLength(2);
    const graph = stack.as("Demo");
    const { leadId, contactId } = await createLead(graph);
    const workflow = await createWorkflow(graph, { name: "Restart", steps: [taskStep()] });
    const runId = await enroll(graph, workflow.id, contactId);
    await runUntil(graph, runId, (run) => run["nextAction"]?.status === "WAITING", "the task");
    const [tasks] = await stack.processes("tasks");
    process.kill(tasks!.pid, "SIGSTOP");
    const partial = await graph.ask<Record<string, any>>(
      `query($id: ID!) { viewer { role } lead(id: $id) { name tasks { totalCount } } }`,
      { id: leadId },
    );
    expect(partial.data?.["viewer"]).toEqual({ role: "ADMIN" });
    expect(partial.errors.map(({ extensions }) => extensions?.code)).toContain("SERVICE_UNAVAILABLE");
    expect(JSON.stringify(partial.errors)).not.toMatch(/127\.0\.0\.1|localhost|ECONN/);
    process.kill(tasks!.pid, "SIGKILL");
    await until(
      async () => (await stack.processes("tasks"))[0]!.pid,
      (pid) => pid !== tasks!.pid,
      { timeoutMs: 5000, what: "a new process" },
    );
    await until(
      async () =>
        (
          await graph.ask<Record<string, any>>(`query($id: ID!) { lead(id: $id) { tasks { totalCount } } }`, {
            id: leadId,
          })
        ).data?.["lead"]?.tasks?.totalCount ?? 0,
      (count) => count === 1,
      { what: "the tasks to be back" },
    );
  } finally {
    await stack.stop();
  }
});
