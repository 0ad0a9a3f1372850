import { afterAll, beforeAll, expect, test } from "vitest";
import { Stack } from "../stack/stack.ts";
import { type Subscription, subscribe } from "../stack/subscription.ts";
import { until } from "../stack/until.ts";
import {
  advance,
  connectMailbox,
  createLead,
  createTemplate,
  createWorkflow,
  emailStep,
  enroll,
  readRun,
  runUntil,
  taskStep,
} from "../stack/world.ts";

let stack: Stack;
let templateId: string;
beforeAll(async () => {
  stack = await Stack.start(["--test-clock", "--no-seed"]);
  await connectMailbox(stack);
  templateId = await createTemplate(stack.as("Demo"));
});
afterAll(() => stack.stop());

const DAY_MS = 24 * 3600 * 1000;
const WEEKDAYS = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"];
/** The whole of one weekday, in UTC, two days from now: everything else is outside the window. */
async function closedUntilLater() {
  const { testClock } = await stack.as("Demo").data(`{ testClock { now } }`);
  const weekday = WEEKDAYS[new Date(new Date(testClock.now).getTime() + 2 * DAY_MS).getUTCDay()];
  return { zoneMode: "WORKFLOW", timeZone: "UTC", ranges: [{ weekday, start: "06:00", end: "22:00" }] };
}
type States = Subscription<{ runUpdated: { status: string; reason: { code: string } | null } }>;
const watch = (runId: string): States => {
  const query = `subscription($id: ID!) { runUpdated(id: $id) { status reason { code } version } }`;
  return subscribe(stack.dev.wsUrl, stack.user("Demo").token, query, { id: runId });
};
const shows = ({ states }: States, status: string, code?: string) =>
  until(
    () => states.at(-1)?.runUpdated,
    (run) => run?.status === status && (code === undefined || run.reason?.code === code),
    { what: `${status} to be shown` },
  );
const task = () => [taskStep({ amount: 9, unit: "DAY" })];
let told = 0;
const meet = (lead: { leadId: string; contactId?: string }) =>
  stack
    .as("Demo", "MEMBER")
    .change(
      `mutation($input: RecordActivityInput!) { recordActivity(input: $input) { activityId userErrors { code message path } } }`,
      { input: { kind: "MEETING_BOOKED", ...lead, externalId: `meeting ${told++}` } },
    );
const logCall = async (input: Record<string, unknown>): Promise<string> => {
  const { call } = await stack
    .as("Demo", "MEMBER")
    .change(
      `mutation($input: LogCallInput!) { logCall(input: $input) { call { id } userErrors { code message path } } }`,
      { input },
    );
  return call.id;
};

test("GOAL-1, GOAL-5: a meeting that is booked while the email waits for its window ends the run, and nothing goes out", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, {
    name: "Until they meet us",
    steps: [emailStep(templateId)],
    schedule: await closedUntilLater(),
    goals: { meetingBooked: true },
  });
  const [met, other] = [
    await createLead(graph, { name: "Meets", email: "meets@acme.example" }),
    await createLead(graph, { name: "Does not", email: "not@acme.example" }),
  ];
  const [run, otherRun] = [
    await enroll(graph, workflow.id, met.contactId),
    await enroll(graph, workflow.id, other.contactId),
  ];
  const live = watch(run);
  await runUntil(graph, run, ({ nextAction }) => nextAction?.held?.code === "OUTSIDE_WINDOW", "the email to be held");
  await meet(met);
  await shows(live, "GOAL_MET", "MEETING_BOOKED");
  const { nextAction, executions, transitions } = await readRun(graph, run);
  expect(nextAction).toBeNull();
  expect(executions).toMatchObject([{ status: "CANCELED", reason: { code: "MEETING_BOOKED" } }]);
  expect(transitions.at(-1)).toMatchObject({ from: "ACTIVE", to: "GOAL_MET", actor: { kind: "GOAL" } });

  await advance(graph, 3 * DAY_MS);
  await runUntil(graph, otherRun, ({ status }) => status === "FINISHED", "the other one's email to go");
  await until(
    () => stack.mails("not@acme.example"),
    (mails) => mails.length === 1,
  );
  expect(await stack.mails("meets@acme.example")).toEqual([]);
  expect((await readRun(graph, run)).status).toBe("GOAL_MET");
  live.stop();
});

test("GOAL-1: a lead and an opportunity that reach a status end the runs that wait for it", async () => {
  const graph = stack.as("Demo");
  const { leadStatuses, opportunityStatuses } = await graph.data(
    `{ leadStatuses { id } opportunityStatuses { id kind } }`,
  );
  const [, reached, passed] = leadStatuses as { id: string }[];
  const won = opportunityStatuses.find(({ kind }: { kind: string }) => kind === "WON").id;
  const goals = { leadStatusIds: [reached!.id], opportunityStatusIds: [won] };
  const workflow = await createWorkflow(graph, { name: "Until it is won", steps: task(), goals });
  const [one, two] = [await createLead(graph, { name: "One" }), await createLead(graph, { name: "Two" })];
  const runs = [await enroll(graph, workflow.id, one.contactId), await enroll(graph, workflow.id, two.contactId)];
  const set = (statusId: string) =>
    graph.change(
      `mutation($id: ID!, $statusId: ID!) { updateLead(id: $id, input: { statusId: $statusId }) { lead { id } userErrors { code message } } }`,
      { id: one.leadId, statusId },
    );
  await set(passed!.id);
  await set(reached!.id);
  const ended = await runUntil(graph, runs[0]!, ({ status }) => status !== "ACTIVE", "the lead's run to end");
  expect(ended).toMatchObject({ status: "GOAL_MET", reason: { code: "LEAD_STATUS_REACHED" } });
  expect((await readRun(graph, runs[1]!)).status).toBe("ACTIVE");
  await graph.change(
    `mutation($input: CreateOpportunityInput!) { createOpportunity(input: $input) { opportunity { id } userErrors { code message path } } }`,
    { input: { leadId: two.leadId, statusId: won } },
  );
  const sold = await runUntil(graph, runs[1]!, ({ status }) => status !== "ACTIVE", "the opportunity's run to end");
  expect(sold).toMatchObject({ status: "GOAL_MET", reason: { code: "OPPORTUNITY_STATUS_REACHED" } });
});

test("GOAL-1, TRG-1: an inbound call that is logged ends the caller's run and stands in the lead's activity; an outbound one does not", async () => {
  const graph = stack.as("Demo");
  const workflow = await createWorkflow(graph, { name: "Until they call", steps: task() });
  const lead = await createLead(graph, { name: "Calls" });
  const run = await enroll(graph, workflow.id, lead.contactId);
  const live = watch(run);
  const outbound = await logCall({ contactId: lead.contactId, outcome: "voicemail" });
  const inbound = await logCall({ contactId: lead.contactId, direction: "INBOUND", durationSeconds: 60 });
  await shows(live, "GOAL_MET", "CALL_ANSWERED");
  live.stop();
  const { transitions } = await graph
    .data(`query($id: ID!) { run(id: $id) { transitions { to at } } }`, { id: run })
    .then((data) => data.run);
  expect(transitions.map(({ to }: { to: string }) => to)).toEqual(["ACTIVE", "GOAL_MET"]);
  const activity = await graph.data(
    `query($id: ID!) { lead(id: $id) { activity { nodes { __typename ... on Call { id direction status outcome user { id } contact { id name } } } } } }`,
    { id: lead.leadId },
  );
  const caller = {
    user: { id: stack.user("Demo", "MEMBER").id },
    contact: { id: lead.contactId, name: "Grace Hopper" },
  };
  expect(activity.lead.activity.nodes).toEqual([
    { __typename: "Call", id: inbound, direction: "INBOUND", status: "COMPLETED", outcome: null, ...caller },
    { __typename: "Call", id: outbound, direction: "OUTBOUND", status: "COMPLETED", outcome: "voicemail", ...caller },
  ]);
});

test("GOAL-4: a call marks its contact's runs as responded, live, and takes them up again", async () => {
  const graph = stack.as("Demo", "MEMBER");
  const admin = stack.as("Demo");
  const on = await createWorkflow(admin, { name: "Marked", steps: task() });
  const off = await createWorkflow(admin, { name: "Not marked", steps: task(), goals: { markedAsResponded: false } });
  const lead = await createLead(graph, { name: "Answers" });
  const [run, other] = [await enroll(graph, on.id, lead.contactId), await enroll(graph, off.id, lead.contactId)];
  const callId = await logCall({ contactId: lead.contactId });
  const offers = async () =>
    (
      await graph.data(
        `query($id: ID!) { call(id: $id) { lead { id } respondableRuns { id workflow { name } } resumableRuns { id } } }`,
        { id: callId },
      )
    ).call;
  const respondable = [{ id: run, workflow: { name: "Marked" } }];
  expect(await offers()).toEqual({ lead: { id: lead.leadId }, respondableRuns: respondable, resumableRuns: [] });
  const live = watch(run);
  await shows(live, "ACTIVE");
  const marked = await graph.change(
    `mutation($id: ID!) { markAsResponded(callId: $id) { runs { id status reason { code } } userErrors { code message path } } }`,
    { id: callId },
  );
  expect(marked.runs).toEqual([{ id: run, status: "PAUSED", reason: { code: "MARKED_AS_RESPONDED" } }]);
  await shows(live, "PAUSED", "MARKED_AS_RESPONDED");
  expect(await offers()).toMatchObject({ respondableRuns: [], resumableRuns: [{ id: run }] });
  expect((await readRun(graph, other)).status).toBe("ACTIVE");
  await graph.change(
    `mutation($id: ID!, $runIds: [ID!]) { resumeFromCall(callId: $id, runIds: $runIds) { runs { id } userErrors { code message path } } }`,
    { id: callId, runIds: [run] },
  );
  await shows(live, "ACTIVE");
  expect(await offers()).toMatchObject({ respondableRuns: respondable, resumableRuns: [] });
  live.stop();

  const stranger = await stack.as("Other").data(`query($id: ID!) { call(id: $id) { id } }`, { id: callId });
  expect(stranger.call).toBeNull();
});
