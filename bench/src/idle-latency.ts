import { createLead, createWorkflow, readRun, runUntil, type Stack, until, updateStep } from "@cadenza/e2e";
import { percentile } from "./percentile.ts";

export type IdleLatency = {
  samples: number;
  enrollToStepEndedMs: { p50: number; p99: number };
  changeToRunStartedMs: { p50: number; p99: number };
};

/** PERF-3: one at a time, on an idle stack; instants are those that the run shows. */
export async function idleLatency(stack: Stack, options: { samples: number }): Promise<IdleLatency> {
  const graph = stack.as("Demo");
  const steps = [updateStep([{ field: "description", value: "touched" }])];
  const byHand = await createWorkflow(graph, { name: "By hand", steps });
  const enrolled: number[] = [];
  for (let i = 0; i < options.samples; i++) {
    const { contactId } = await createLead(graph, { name: `Idle ${i}` });
    const sentAt = Date.now();
    const { run } = await graph.change(
      `mutation($input: EnrollInput!) { enroll(input: $input) { run { id } userErrors { code message } } }`,
      { input: { workflowId: byHand.id, contactId } },
    );
    const finished = await runUntil(graph, run.id, ({ status }) => status === "FINISHED", "the run to finish");
    enrolled.push(new Date(finished["executions"][0].endedAt).getTime() - sentAt);
  }
  const byEvent = await createWorkflow(graph, {
    name: "By event",
    trigger: { event: "LEAD_UPDATED", conditions: { test: { path: "event.data.url", op: "CHANGED" } } },
    steps,
  });
  const started: number[] = [];
  for (let i = 0; i < options.samples; i++) {
    const { leadId } = await createLead(graph, { name: `Changed ${i}` });
    const sentAt = Date.now();
    await graph.change(
      `mutation($id: ID!) { updateLead(id: $id, input: { url: "https://changed.example" }) { lead { id } userErrors { code message } } }`,
      { id: leadId },
    );
    const runs = await until(
      async () =>
        (
          await graph.data(
            `query($lead: [ID!], $workflow: [ID!]) { runs(filter: { leadIds: $lead, workflowIds: $workflow }) { nodes { id } } }`,
            { lead: [leadId], workflow: [byEvent.id] },
          )
        )["runs"].nodes,
      (nodes) => nodes.length > 0,
      { what: "the run that the change starts" },
    );
    started.push(new Date((await readRun(graph, runs[0].id))["startedAt"]).getTime() - sentAt);
  }
  const of = (values: number[]) => ({ p50: percentile(values, 0.5), p99: percentile(values, 0.99) });
  return { samples: options.samples, enrollToStepEndedMs: of(enrolled), changeToRunStartedMs: of(started) };
}
