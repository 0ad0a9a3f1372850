import type { Goals } from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { goalWorld, type Subject } from "../testing/goal-world.ts";
import { type Asker, type House, startHouse } from "../testing/house.ts";

let house: House;
let world: ReturnType<typeof goalWorld>;
beforeAll(async () => {
  house = await startHouse();
  world = goalWorld(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const id = (): string => newId(realClock.now());
const ADA = { kind: "USER", id: null, label: "Ada" } as const;
const person = (): Subject => world.lead()[0]!;
const put = (goals: Partial<Goals> = { markedAsResponded: true }) => world.workflow(goals);
const start = async (who: Subject, workflow = put()): Promise<string> => (await world.start(workflow, [who]))[0]!._id;
const call = ({ leadId, contactId }: Subject): string => {
  const callId = id();
  house.calls.set(callId, { id: callId, leadId, contactId, direction: "OUTBOUND", status: "COMPLETED" });
  return callId;
};
type Payload = {
  runs: { id: string; status: string; reason: { code: string } | null }[];
  userErrors: { code: string; path: string[] }[];
};
const respond = async (mutation: string, callId: string, runIds?: string[], asker: Asker = {}): Promise<Payload> => {
  const query = `mutation($callId: ID!, $runIds: [ID!]) { done: ${mutation}(callId: $callId, runIds: $runIds) { runs { id status reason { code } } userErrors { code path } } }`;
  return (await house.data<{ done: Payload }>(query, { callId, ...(runIds ? { runIds } : {}) }, asker)).done;
};
const mark = (callId: string, runIds?: string[]) => respond("markAsResponded", callId, runIds);
const resume = (callId: string, runIds?: string[]) => respond("resumeFromCall", callId, runIds);
type Runs = { id: string }[];
const offers = async (callIds: string[], asker: Asker = {}) => {
  const query = `query($calls: [_Any!]!) { _entities(representations: $calls) { ... on Call { respondableRuns { id } resumableRuns { id } } } }`;
  const calls = callIds.map((each) => ({ __typename: "Call", id: each }));
  const { _entities } = await house.data<{ _entities: { respondableRuns: Runs; resumableRuns: Runs }[] }>(
    query,
    { calls },
    asker,
  );
  return _entities.map(({ respondableRuns, resumableRuns }) =>
    [respondableRuns, resumableRuns].map((runs) => runs.map((run) => run.id)),
  );
};
const stored = async (runId: string) => (await house.runs.tenant.findOne(house.scope, { _id: runId }))!;
const act = (runId: string, kind: "pause" | "resume" | "cancel") =>
  house.first.engine.apply(house.scope, [runId], { kind, actor: ADA });

test("GOAL-4: a call offers the contact's open runs of workflows with that goal, to be marked and taken up again", async () => {
  const ada = person();
  const own = [await start(ada), await start(ada)];
  const [off, over] = [await start(ada, put({ emailReply: true })), await start(ada)];
  await act(over, "cancel");
  const others = await start(person());
  const [callId, next] = [call(ada), call(ada)];
  expect(await offers([callId, call(person()), next])).toEqual([
    [own.toReversed(), []],
    [[], []],
    [own.toReversed(), []],
  ]);

  const marked = { status: "PAUSED", reason: { code: "MARKED_AS_RESPONDED" } };
  expect(await mark(callId, [own[0]!])).toEqual({ runs: [{ id: own[0], ...marked }], userErrors: [] });
  expect(await offers([callId, next])).toEqual([
    [[own[1]], [own[0]]],
    [[own[1]], []],
  ]);
  expect(await mark(callId)).toEqual({ runs: [{ id: own[1], ...marked }], userErrors: [] });
  // Said once more, it is as it was.
  expect(await mark(callId)).toEqual({ runs: [], userErrors: [] });
  expect(await mark(next, [own[1]!])).toMatchObject({ runs: [{ id: own[1], ...marked }], userErrors: [] });
  expect(await offers([callId])).toEqual([[[], own.toReversed()]]);
  for (const runId of own)
    expect(await stored(runId)).toMatchObject({ respondedCallId: callId, respondedAt: expect.any(Date) });
  for (const runId of [off, others]) expect(await stored(runId)).toMatchObject({ status: "ACTIVE", respondedAt: null });

  expect(await resume(next)).toEqual({ runs: [], userErrors: [] });
  const taken = await resume(callId);
  expect(taken.runs.map((run) => [run.id, run.status])).toEqual(own.toReversed().map((runId) => [runId, "ACTIVE"]));
  for (const runId of own) expect(await stored(runId)).toMatchObject({ respondedCallId: null, respondedAt: null });
  expect(await offers([callId])).toEqual([[own.toReversed(), []]]);
});

test("GOAL-4: of the runs named all are marked or none, and each that cannot be says why", async () => {
  const ada = person();
  const [good, off, over] = [await start(ada), await start(ada, put({ emailReply: true })), await start(ada)];
  await act(over, "cancel");
  const others = await start(person());
  const callId = call(ada);
  expect(await mark(callId, [good, "nonsense", others, id()])).toEqual({
    runs: [],
    userErrors: ["1", "2", "3"].map((index) => ({ code: "NOT_FOUND", path: ["runIds", index] })),
  });
  expect(await mark(callId, [off, good, over])).toEqual({
    runs: [],
    userErrors: [
      { code: "GOAL_OFF", path: ["runIds", "0"] },
      { code: "RUN_NOT_OPEN", path: ["runIds", "2"] },
    ],
  });
  expect(await stored(good)).toMatchObject({ status: "ACTIVE", respondedAt: null, version: 1 });
  await mark(callId, [good]);
  const other = await start(ada);
  expect(await resume(callId, [good, other])).toEqual({
    runs: [],
    userErrors: [{ code: "RUN_NOT_RESUMABLE", path: ["runIds", "1"] }],
  });
  expect((await stored(good)).status).toBe("PAUSED");
  expect(await mark(callId, [])).toEqual({ runs: [], userErrors: [] });
});

test("GOAL-4: a run that stands still for another reason only remembers, and forgets again", async () => {
  const ada = person();
  const runId = await start(ada);
  await act(runId, "pause");
  const callId = call(ada);
  expect((await mark(callId)).runs).toEqual([{ id: runId, status: "PAUSED", reason: { code: "PAUSED_BY_HAND" } }]);
  expect(await offers([callId])).toEqual([[[], []]]);
  expect((await resume(callId)).runs).toEqual([{ id: runId, status: "PAUSED", reason: { code: "PAUSED_BY_HAND" } }]);
  expect(await stored(runId)).toMatchObject({ respondedCallId: null, respondedAt: null });
});

test("GOAL-4: a run that was taken up by hand may be marked by the same call again", async () => {
  const ada = person();
  const runId = await start(ada);
  const callId = call(ada);
  await mark(callId);
  await act(runId, "resume");
  expect(await offers([callId])).toEqual([[[runId], []]]);
  expect((await mark(callId)).runs).toMatchObject([{ id: runId, status: "PAUSED" }]);
});

test("GOAL-4, WF-1: a call does not take up runs of an archived workflow", async () => {
  const ada = person();
  const workflow = put();
  const [archived, active] = [await start(ada, workflow), await start(ada)];
  const callId = call(ada);
  await mark(callId);
  house.definitions.put(workflow, "ARCHIVED");
  expect(await offers([callId])).toEqual([[[], [active]]]);
  expect((await resume(callId, [archived])).userErrors).toEqual([{ code: "RUN_NOT_RESUMABLE", path: ["runIds", "0"] }]);
  expect((await resume(callId)).runs).toMatchObject([{ id: active, status: "ACTIVE" }]);
});

test("API-2, API-3, API-5: who may not, an unknown call, another organization's, too many runs", async () => {
  const ada = person();
  await start(ada);
  const callId = call(ada);
  const unknown = { runs: [], userErrors: [{ code: "NOT_FOUND", path: ["callId"] }] };
  expect(await mark(id())).toEqual(unknown);
  expect(await resume("nonsense")).toEqual(unknown);
  expect(await respond("markAsResponded", callId, undefined, { organizationId: id() })).toEqual(unknown);
  expect(await offers([callId, "nonsense"], { organizationId: id() })).toEqual([
    [[], []],
    [[], []],
  ]);
  const codes = ["markAsResponded", "resumeFromCall"].map(async (name) => {
    const query = `mutation { ${name}(callId: "x") { userErrors { code } } }`;
    return (await house.ask(query, {}, { role: "VIEWER" })).errors?.[0]?.extensions.code;
  });
  expect(await Promise.all(codes)).toEqual(["FORBIDDEN", "FORBIDDEN"]);
  const query = `mutation($runIds: [ID!]) { markAsResponded(callId: "${callId}", runIds: $runIds) { userErrors { code } } }`;
  const { errors } = await house.ask(query, { runIds: Array.from({ length: 201 }, id) });
  expect(errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", path: ["runIds"] });
});

test("GOAL-4: two who mark the same call at once mark it once", async () => {
  const ada = person();
  const runIds = [await start(ada), await start(ada)];
  const callId = call(ada);
  await Promise.all(Array.from({ length: 4 }, () => mark(callId, runIds)));
  await eventually(async () => {
    for (const runId of runIds) expect((await stored(runId)).transitions).toHaveLength(2);
  });
});
