import { createWorkflow, type GraphClient, type Stack, until, updateStep } from "@cadenza/e2e";
import { contactRows, importContacts } from "./import-contacts.ts";
import { enrollAll } from "./enroll-all.ts";

export type Retime = {
  runs: number;
  enrollSeconds: number;
  mutationMs: number;
  /** From sending the edit to the last sight of an old time; 0 where none was seen. */
  oldShownSeconds: number;
  /** From sending the edit until every run has been read with its new time. */
  allReadSeconds: number;
  actedOnOldDelay: number;
};

const PAGE = 200;
/** A step's first delay leaves time to enroll everyone, and to edit before the first of them is due. */
const ENROLLED_A_SECOND = 1000;

/**
 * PERF-5: `runs` runs wait for a delay that is then made longer. When every run shows its new time, and whether any acts on
 * the old one when that passes. The seconds of PERF-6's bulk enrolment come with it.
 */
export async function retime(stack: Stack, options: { runs: number }): Promise<Retime> {
  const { runs } = options;
  const graph = stack.as("Demo");
  await importContacts(stack, { key: `retime-${runs}`, rows: contactRows("retime", runs) });
  const oldMinutes = Math.ceil(runs / ENROLLED_A_SECOND / 60) + 2;
  const step = (delay: { amount: number; unit: string }) =>
    updateStep([{ field: "description", value: "touched" }], delay);
  const workflow = await createWorkflow(graph, {
    name: `Retimed ${runs}`,
    steps: [step({ amount: oldMinutes, unit: "MINUTE" })],
  });
  const enrollSeconds = await enrollAll(graph, workflow.id, "retime");

  const revision = (await graph.data(`query($id: ID!) { workflow(id: $id) { revision } }`, { id: workflow.id }))[
    "workflow"
  ].revision as number;
  const editedAt = performance.now();
  await graph.change(
    `mutation($id: ID!, $step: ID!, $revision: Int!, $input: StepInput!) { updateStep(workflowId: $id, stepId: $step, expectedRevision: $revision, step: $input) { workflow { id } userErrors { code message } } }`,
    { id: workflow.id, step: workflow.steps[0]!.id, revision, input: step({ amount: 30, unit: "DAY" }) },
  );
  const mutationMs = performance.now() - editedAt;
  const old = Date.now() + oldMinutes * 60_000;
  const lastOldAt = await untilAllShowAfter(graph, workflow.id, old);
  const allReadSeconds = (performance.now() - editedAt) / 1000;
  const oldShownSeconds = lastOldAt === null ? 0 : (lastOldAt - editedAt) / 1000;
  // The last of the old alarms has rung, and a second for what would have come of it.
  await until(
    async () => Date.now(),
    (now) => now > old + 1000,
    { timeoutMs: oldMinutes * 60_000 + 60_000, intervalMs: 500, what: "the old delay to pass" },
  );
  const { metrics } = (
    await graph.data(`query($id: ID!) { workflow(id: $id) { metrics { enrolled perStep { done error } } } }`, {
      id: workflow.id,
    })
  )["workflow"];
  if (metrics.enrolled !== runs) throw new Error(`Of ${runs} runs ${metrics.enrolled} were counted.`);
  const [{ done, error }] = metrics.perStep;
  const actedOnOldDelay = done + error;
  return { runs, enrollSeconds, mutationMs, oldShownSeconds, allReadSeconds, actedOnOldDelay };
}

/**
 * Walks the list once, waiting at each page until all of it shows a time after `at`: a new time never becomes an old one.
 * @returns when an old time was seen last, by the monotonic clock; null where none was.
 */
async function untilAllShowAfter(graph: GraphClient, workflowId: string, at: number): Promise<number | null> {
  let lastOldAt: number | null = null;
  const isNew = ({ nextAction }: RunPage["nodes"][number]): boolean =>
    nextAction !== null && new Date(nextAction.at).getTime() > at;
  let after: string | null = null;
  do {
    const page: { id: string; after: string | null } = { id: workflowId, after };
    const { runs }: { runs: RunPage } = await until<{ runs: RunPage }>(
      async () =>
        (
          await graph.data(
            `query($id: ID!, $after: String) { workflow(id: $id) { runs(first: ${PAGE}, after: $after) { nodes { nextAction { at } } pageInfo { hasNextPage endCursor } } } }`,
            page,
          )
        )["workflow"],
      ({ runs }) => {
        const allNew = runs.nodes.every(isNew);
        if (!allNew) lastOldAt = performance.now();
        return allNew;
      },
      { timeoutMs: 120_000, intervalMs: 100, what: "all runs to show their new time" },
    );
    after = runs.pageInfo.hasNextPage ? runs.pageInfo.endCursor : null;
  } while (after);
  return lastOldAt;
}

type RunPage = {
  nodes: { nextAction: { at: string } | null }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
};
