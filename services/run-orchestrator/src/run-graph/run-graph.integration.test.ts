import type { Step } from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definition, task, updateLead } from "../runs/definition-builder.ts";
import { type House, startHouse } from "../testing/house.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const id = (): string => newId(realClock.now());
const put = (steps: Step[] = [task("call back")]) =>
  house.definitions.put(definition(steps, { organizationId: house.organizationId, workflowId: id() }));
const enroll = async (workflowId: string, contactId: string): Promise<string> => {
  const query = `mutation($input: EnrollInput!) { enroll(input: $input) { run { id } userErrors { code message } } }`;
  const { enroll } = await house.data<{ enroll: { run: { id: string } | null; userErrors: object[] } }>(query, {
    input: { workflowId, contactId },
  });
  expect(enroll.userErrors).toEqual([]);
  return enroll.run!.id;
};
type Page = {
  totalCount: number;
  nodes: { id: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
};
const list = async (filter: object, page: object = {}): Promise<Page> =>
  (
    await house.data<{ runs: Page }>(
      `query($filter: RunFilter, $first: Int, $after: String) { runs(filter: $filter, first: $first, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`,
      { filter, ...page },
    )
  ).runs;
type Payload = { run: { id: string; status: string } | null; userErrors: { code: string; path: string[] }[] };
const act = async (mutation: string, asker = {}): Promise<Payload> => {
  const answer = await house.data<{ done: Payload }>(
    `mutation { done: ${mutation} { run { id status } userErrors { code path } } }`,
    {},
    asker,
  );
  return answer.done;
};

test("RUN-8: the run list filters by every field it names, and pages newest first", async () => {
  const [one, two] = [put(), put([updateLead("at once")])];
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Listed", 5);
  const other = house.crm.addLead(house.organizationId, "Other");
  const before = realClock.now();
  const waiting: string[] = [];
  for (const contactId of contactIds) waiting.push(await enroll(one.workflowId, contactId));
  const done = await enroll(two.workflowId, other.contactIds[0]!);
  await eventually(async () => expect((await list({ ids: [done], status: ["FINISHED"] })).totalCount).toBe(1));
  await act(`pauseRun(id: "${waiting[0]}")`);

  const ids = async (filter: object) => (await list(filter)).nodes.map((run) => run.id);
  expect(await ids({ workflowIds: [one.workflowId] })).toEqual(waiting.toReversed());
  expect(await ids({ workflowIds: [one.workflowId, two.workflowId], leadIds: [other.leadId] })).toEqual([done]);
  expect(await ids({ leadIds: [leadId], status: ["PAUSED"] })).toEqual([waiting[0]]);
  expect(await ids({ contactIds: [contactIds[3]] })).toEqual([waiting[3]]);
  expect(await ids({ leadIds: [leadId], reasonCodes: ["PAUSED_BY_HAND"] })).toEqual([waiting[0]]);
  expect(await ids({ leadIds: [leadId, other.leadId], currentStepIds: [one.places[0]!.stepId] })).toHaveLength(5);
  expect(await ids({ leadIds: [leadId], startedBefore: before.toISOString() })).toEqual([]);
  expect(await ids({ leadIds: [leadId], startedAfter: new Date(before.getTime() - 1).toISOString() })).toHaveLength(5);
  expect(await ids({ ids: [] })).toEqual([]);
  expect(await ids({ ids: ["nonsense"] })).toEqual([]);

  const seen: string[] = [];
  let after: string | null = null;
  do {
    const page: Page = await list({ leadIds: [leadId] }, { first: 2, after });
    expect(page.totalCount).toBe(5);
    seen.push(...page.nodes.map((run) => run.id));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after);
  expect(seen).toEqual(waiting.toReversed());
});

test("RUN-8: counts per status come with a workflow, its runs narrow by filter", async () => {
  const { workflowId } = put();
  const { contactIds } = house.crm.addLead(house.organizationId, "Counted", 4);
  const runs = [];
  for (const contactId of contactIds) runs.push(await enroll(workflowId, contactId));
  await act(`pauseRun(id: "${runs[0]}")`);
  await act(`cancelRun(id: "${runs[1]}")`);
  const query = `query($id: ID!) { _entities(representations: [{ __typename: "Workflow", id: $id }]) { ... on Workflow { runCounts { active paused finished goalMet error canceled total } runs(filter: { status: [CANCELED] }) { totalCount nodes { id } } elsewhere: runs(filter: { workflowIds: ["x"] }) { totalCount } } } }`;
  const { _entities } = await house.data<{ _entities: object[] }>(query, { id: workflowId });
  expect(_entities[0]).toEqual({
    runCounts: { active: 2, paused: 1, finished: 0, goalMet: 0, error: 0, canceled: 1, total: 4 },
    runs: { totalCount: 1, nodes: [{ id: runs[1] }] },
    elsewhere: { totalCount: 0 },
  });
});

test("RUN-1, RUN-3: a run reads with its next action, executions, transitions and who started it", async () => {
  const { workflowId, places } = put();
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Read");
  const runId = await enroll(workflowId, contactIds[0]!);
  const query = `query($id: ID!) { run(id: $id) { id version status reason { code } workflow { id } lead { id } contact { id } opportunity { id } startedBy { kind label user { id } } nextAction { stepId kind status at held { code } } executions { stepId kind name status revision dueAt pendingSince message { id } task { id } } transitions { from to actor { kind } reason { code } } } }`;
  const { run } = await house.data<{ run: Record<string, unknown> }>(query, { id: runId });
  expect(run).toMatchObject({
    id: runId,
    status: "ACTIVE",
    reason: null,
    workflow: { id: workflowId },
    lead: { id: leadId },
    contact: { id: contactIds[0] },
    opportunity: null,
    startedBy: { kind: "USER", label: "Ada" },
    nextAction: { stepId: places[0]!.stepId, kind: "TASK", status: "PROCESSING", held: null },
    executions: [
      { stepId: places[0]!.stepId, kind: "TASK", name: "call back", status: "PROCESSING", message: null, task: null },
    ],
    transitions: [{ from: null, to: "ACTIVE", actor: { kind: "USER" } }],
  });
});

test("RUN-1, RUN-6: pause, resume, skip and cancel by hand; what cannot be done says why", async () => {
  const { workflowId, places } = put();
  const { contactIds } = house.crm.addLead(house.organizationId, "Acted");
  const runId = await enroll(workflowId, contactIds[0]!);
  expect((await act(`retryRun(id: "${runId}")`)).userErrors).toEqual([{ code: "RUN_NOT_RETRYABLE", path: ["id"] }]);
  expect((await act(`pauseRun(id: "${runId}")`)).run?.status).toBe("PAUSED");
  expect((await act(`resumeRun(id: "${runId}")`)).run?.status).toBe("ACTIVE");
  expect((await act(`skipStep(runId: "${runId}", stepId: "${id()}")`)).userErrors).toEqual([
    { code: "STEP_NOT_CURRENT", path: ["stepId"] },
  ]);
  expect((await act(`skipStep(runId: "${runId}", stepId: "${places[0]!.stepId}")`)).run?.status).toBe("FINISHED");
  expect((await act(`cancelRun(id: "${runId}")`)).userErrors).toMatchObject([{ code: "RUN_NOT_OPEN" }]);
});

test("ENR-4: the recipient can become another contact of the lead, not somebody else's", async () => {
  const { workflowId } = put();
  const { contactIds } = house.crm.addLead(house.organizationId, "Recipient", 2);
  const elsewhere = house.crm.addLead(house.organizationId, "Elsewhere");
  const runId = await enroll(workflowId, contactIds[0]!);
  for (const contactId of [elsewhere.contactIds[0], id(), "nonsense"])
    expect((await act(`changeRecipient(runId: "${runId}", contactId: "${contactId}")`)).userErrors).toEqual([
      { code: "NOT_FOUND", path: ["contactId"] },
    ]);
  expect((await act(`changeRecipient(runId: "${runId}", contactId: "${contactIds[1]}")`)).run?.id).toBe(runId);
  expect((await list({ contactIds: [contactIds[1]] })).nodes).toEqual([{ id: runId }]);
});

test("API-3: a run of another organization behaves as one that does not exist, on every way to it", async () => {
  const { workflowId } = put();
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Ours");
  const runId = await enroll(workflowId, contactIds[0]!);
  const stranger = { organizationId: id() };
  const query = `query($run: ID!, $workflow: ID!, $lead: ID!) {
    run(id: $run) { id } runs(filter: { ids: [$run] }) { totalCount }
    _entities(representations: [{ __typename: "Run", id: $run }, { __typename: "Workflow", id: $workflow }, { __typename: "Lead", id: $lead }]) {
      ... on Run { status } ... on Workflow { runCounts { total } runs { totalCount } } ... on Lead { runs { totalCount } }
    }
  }`;
  const data = await house.data(query, { run: runId, workflow: workflowId, lead: leadId }, stranger);
  expect(data).toEqual({
    run: null,
    runs: { totalCount: 0 },
    _entities: [null, { runCounts: { total: 0 }, runs: { totalCount: 0 } }, { runs: { totalCount: 0 } }],
  });
  for (const mutation of ["pauseRun", "resumeRun", "cancelRun", "retryRun"])
    expect((await act(`${mutation}(id: "${runId}")`, stranger)).userErrors).toEqual([
      { code: "NOT_FOUND", path: ["id"] },
    ]);
  expect(
    (await act(`changeRecipient(runId: "${runId}", contactId: "${contactIds[0]}")`, stranger)).userErrors,
  ).toMatchObject([{ code: "NOT_FOUND" }]);
  expect((await act(`pauseRun(id: "nonsense")`)).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
});

test("API-2, API-4, API-5: leave is checked first; a page that is too large and a cursor that is none are refused", async () => {
  const viewer = await house.ask(`mutation { pauseRun(id: "x") { run { id } } }`, {}, { role: "VIEWER" });
  expect(viewer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  for (const page of [
    "first: 0",
    "first: 201",
    `after: "nonsense"`,
    `after: "${Buffer.from("x:y").toString("base64url")}"`,
  ]) {
    const answer = await house.ask(`{ runs(${page}) { nodes { id } } }`);
    expect(answer.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  }
});
