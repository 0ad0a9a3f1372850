import { type GraphClient, until } from "@cadenza/e2e";

/** Enrolls everyone whom `search` finds. @returns seconds from the call to the end of the job. */
export async function enrollAll(graph: GraphClient, workflowId: string, search: string): Promise<number> {
  const startedAt = performance.now();
  const { job } = await graph.change(
    `mutation($input: EnrollManyInput!) { enrollMany(input: $input) { job { id } userErrors { code message } } }`,
    { input: { workflowId, contactFilter: { search } } },
  );
  const { bulkJob } = await until(
    () => graph.data(`query($id: ID!) { bulkJob(id: $id) { status succeeded failed skipped } }`, { id: job.id }),
    ({ bulkJob }) => bulkJob.status !== "RUNNING",
    { timeoutMs: 600_000, intervalMs: 200, what: "the enrolment" },
  );
  if (bulkJob.status !== "SUCCEEDED" || bulkJob.failed + bulkJob.skipped > 0)
    throw new Error(`The enrolment ended as ${JSON.stringify(bulkJob)}.`);
  return (performance.now() - startedAt) / 1000;
}
