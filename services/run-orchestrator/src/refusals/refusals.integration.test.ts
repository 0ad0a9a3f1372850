import { newId, OffsetClock, realClock } from "@cadenza/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { START_REFUSALS } from "../enrolment/start-refusals.ts";
import { type House, startHouse } from "../testing/house.ts";
import { RefusalStore, type StartRefusal } from "./refusal-store.ts";

const DAY_MS = 86_400_000;
const clock = new OffsetClock();
let house: House;
let refusals: RefusalStore;
beforeAll(async () => {
  house = await startHouse({ clock });
  refusals = new RefusalStore(house.database);
});
afterAll(() => house[Symbol.asyncDispose]());

const id = (at = realClock.now()): string => newId(at);
async function add(workflowId: string, ats: readonly Date[]): Promise<StartRefusal[]> {
  const documents = ats.map((at): StartRefusal => {
    const stamps = { organizationId: house.organizationId, version: 1, createdAt: at, updatedAt: at };
    const about = { leadId: id(), contactId: null, event: "FORM_SUBMITTED" as const };
    return { _id: id(), ...stamps, workflowId, at, ...about, reason: START_REFUSALS.noRecipient };
  });
  const { database, scope } = house;
  await database.transaction((session) => refusals.insert(scope, documents, session));
  return documents;
}
type Page = {
  nodes: { at: string; event: string; reason: { code: string } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
};
const QUERY = `query($id: ID!, $first: Int, $after: String) { _entities(representations: [{ __typename: "Workflow", id: $id }]) {
  ... on Workflow { startRefusals(first: $first, after: $after) { nodes { at event reason { code } } pageInfo { hasNextPage endCursor } } } } }`;
const page = async (workflowId: string, variables: object = {}): Promise<Page> => {
  const answer = await house.data<{ _entities: { startRefusals: Page }[] }>(QUERY, { id: workflowId, ...variables });
  return answer._entities[0]!.startRefusals;
};

test("TRG-5: refusals are listed newest first, page by page, those of one instant too, each once", async () => {
  const workflowId = id();
  const now = clock.now().getTime();
  // Not in the order of their ids: a refusal is as old as its refusing, not as its event.
  const ats = [5, 3, 3, 3, 9, 1, 7].map((minutes) => new Date(now - minutes * 60_000));
  await add(workflowId, ats);
  await add(id(), ats);
  const seen: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { nodes, pageInfo } = await page(workflowId, { first: 2, after });
    seen.push(...nodes.map(({ at }) => at));
    ({ endCursor: after, hasNextPage: more } = pageInfo);
  }
  expect(seen).toEqual(
    ats
      .map((at) => at.toISOString())
      .sort()
      .toReversed(),
  );
  expect((await page(workflowId)).nodes[0]).toMatchObject({
    event: "FORM_SUBMITTED",
    reason: { code: "NO_RECIPIENT" },
  });
});

test("TRG-5: a refusal is visible for 30 days of the house's clock", async () => {
  const workflowId = id();
  await add(workflowId, [clock.now()]);
  clock.setOffsetMs(clock.offsetMs + 29.9 * DAY_MS);
  expect((await page(workflowId)).nodes).toHaveLength(1);
  await add(workflowId, [clock.now()]);
  clock.setOffsetMs(clock.offsetMs + 0.2 * DAY_MS);
  expect((await page(workflowId)).nodes).toHaveLength(1);
});

test("TRG-5: the list of a busy workflow is read from its index", async () => {
  const collection = house.database.system<{ _id: string }>("startRefusals", "The test looks at how it is read.");
  const filter = { organizationId: house.organizationId, workflowId: id(), at: { $gt: new Date(0) } };
  const plan = await collection.find(filter).sort({ at: -1, _id: -1 }).limit(51).explain();
  expect(JSON.stringify(plan["queryPlanner"].winningPlan)).toContain("newestOfWorkflow");
  expect(JSON.stringify(plan["queryPlanner"].winningPlan)).not.toContain('"SORT"');
});

test.each(["nonsense", "1:2:3", `x:${id()}`, "99999999999999999:01M88R0MNBRAK5F0DC65P1E55N"])(
  "API-5: %s is no cursor",
  async (cursor) => {
    const after = Buffer.from(cursor).toString("base64url");
    const answer = await house.ask(QUERY, { id: id(), first: 2, after });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", path: ["after"] });
  },
);
