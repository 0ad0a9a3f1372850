import type { ActivityRecorded } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrmStack, startCrmStack } from "../../test/crm-stack.ts";

let crm: CrmStack;
let told: ActivityRecorded[];
let lead: { id: string; contacts: { id: string }[] };
beforeAll(async () => {
  crm = await startCrmStack();
  told = (await crm.listen()).activities;
  lead = await makeLead();
});
afterAll(() => crm.stop());

async function makeLead(): Promise<typeof lead> {
  const document = `mutation { createLead(input: { name: "Acme", contacts: [{ name: "Ada" }] }) { lead { id contacts { id } } } }`;
  const { data } = await crm.graph(crm.people.member, document);
  return (data["createLead"] as { lead: typeof lead }).lead;
}
const DOCUMENT = `mutation ($input: RecordActivityInput!) { recordActivity(input: $input) { activityId userErrors { code path } } }`;
async function tell(input: object, person = crm.people.member) {
  const whole = { kind: "FORM_SUBMITTED", leadId: lead.id, ...input };
  const { data, errors } = await crm.graph(person, DOCUMENT, { input: whole });
  const payload = data?.["recordActivity"] as { activityId: string | null; userErrors: object[] } | undefined;
  return { ...payload, fault: errors?.[0]?.extensions };
}

test("TRG-1: what happened outside is told once, with its data, who told it and when", async () => {
  const [contactId, userId] = [lead.contacts[0]!.id, crm.people.admin.userId];
  const data = { form: "demo", answers: { size: 12 } };
  const { activityId, userErrors } = await tell({ kind: "MEETING_BOOKED", contactId, userId, data, externalId: "m-1" });
  expect(userErrors).toEqual([]);
  const event = await eventually(() => told.find((item) => item.activityId === activityId) ?? false);
  expect(event).toEqual({
    key: activityId,
    activityId,
    kind: "MEETING_BOOKED",
    leadId: lead.id,
    contactId,
    userId,
    data,
    actor: { kind: "USER", id: crm.people.member.userId, label: "Somebody" },
    causation: { eventId: null, workflowId: null, runId: null, depth: 0 },
    at: crm.clock.now(),
  });
});

test("TRG-3: one external id is one activity, told at once or again; another input is refused", async () => {
  const input = { externalId: "once", data: { a: 1, b: 2 } };
  const answers = await Promise.all(Array.from({ length: 6 }, () => tell(input)));
  const again = await tell({ externalId: "once", data: { b: 2, a: 1 }, contactId: null });
  const ids = [...answers, again].map(({ activityId }) => activityId);
  expect(new Set(ids).size).toBe(1);
  const reused = [{ code: "IDEMPOTENCY_KEY_REUSED", path: ["input", "externalId"] }];
  expect(await tell({ externalId: "once", data: { a: 2 } })).toMatchObject({ activityId: null, userErrors: reused });
  // Other organizations have names of their own.
  const theirs = await tell({ externalId: "once", data: { a: 2 } }, crm.people.stranger);
  expect(theirs.userErrors).toEqual([{ code: "NOT_FOUND", path: ["input", "leadId"] }]);
  const fence = await tell({ externalId: "fence" });
  await eventually(() => told.some(({ activityId }) => activityId === fence.activityId));
  expect(told.filter(({ activityId }) => activityId === ids[0])).toHaveLength(1);
});

test("TRG-1: many activities of one lead are told at once, and none is turned away", async () => {
  const many = Array.from({ length: 100 }, (_, index) => tell({ externalId: `many ${index}` }));
  const answers = await Promise.all(many);
  expect(answers.filter(({ userErrors, fault }) => fault || userErrors?.length !== 0)).toEqual([]);
  const ids = new Set(answers.map(({ activityId }) => activityId));
  await eventually(() => expect(told.filter(({ activityId }) => ids.has(activityId))).toHaveLength(100));
});

const unknownId = () => newId(crm.clock.now());
const dayAhead = (ms: number) => new Date(crm.clock.now().getTime() + 24 * 3600 * 1000 + ms).toISOString();
const refused: [string, () => object, string, string][] = [
  ["an unknown lead", () => ({ leadId: unknownId() }), "NOT_FOUND", "leadId"],
  ["a malformed lead", () => ({ leadId: "x" }), "NOT_FOUND", "leadId"],
  ["a contact of nobody", () => ({ contactId: unknownId() }), "NOT_FOUND", "contactId"],
  ["an empty contact", () => ({ contactId: "" }), "NOT_FOUND", "contactId"],
  ["an unknown user", () => ({ userId: crm.people.stranger.userId }), "NOT_FOUND", "userId"],
  ["the day after tomorrow", () => ({ occurredAt: dayAhead(1) }), "INVALID_VALUE", "occurredAt"],
];
test.each(refused)(
  "API-5: %s is refused with its path, and its external id stays free",
  async (_, input, code, field) => {
    const externalId = `bad ${field} ${code} ${_}`;
    expect(await tell({ ...input(), externalId })).toMatchObject({
      activityId: null,
      userErrors: [{ code, path: ["input", field] }],
    });
    expect((await tell({ externalId, occurredAt: dayAhead(0) })).userErrors).toEqual([]);
  },
);

const deep = JSON.parse(`${'{"a":'.repeat(11)}1${"}".repeat(11)}`) as object;
const malformed: [string, object, string[]][] = [
  ["a list", { data: [1] }, ["data"]],
  ["a text", { data: "text" }, ["data"]],
  ["a $-key", { data: { a: { $gt: 1 } } }, ["data", "a", "$gt"]],
  ["a dotted key", { data: { "a.b": 1 } }, ["data", "a.b"]],
  ["more than 32 KiB", { data: { a: "x".repeat(32 * 1024) } }, ["data"]],
  ["eleven levels", { data: deep }, ["data", ..."a".repeat(10)]],
  ["no external id", { externalId: " " }, ["externalId"]],
  ["a long external id", { externalId: "x".repeat(201) }, ["externalId"]],
];
test.each(malformed)("API-5: %s is BAD_USER_INPUT with its path", async (_, input, path) => {
  const { fault } = await tell({ externalId: `malformed ${_}`, ...input });
  expect(fault).toMatchObject({ code: "BAD_USER_INPUT", path: ["input", ...path] });
});

test("RUN-9: a merge or a deletion takes the activities along; the old ids are unknown afterwards", async () => {
  const [one, other] = [await makeLead(), await makeLead()];
  const [source, destination] = [one.contacts[0]!.id, other.contacts[0]!.id];
  const input = { leadId: one.id, contactId: source, data: { secret: 1 }, externalId: "moved" };
  const { activityId } = await tell(input);
  const find = async () => (await crm.crm.stores.activities.collection.findByIds(crm.scope, [activityId!]))[0];
  const merge = `mutation ($s: ID!, $d: ID!) { mergeContacts(sourceId: $s, destinationId: $d) { userErrors { code } } }`;
  await crm.graph(crm.people.member, merge, { s: source, d: destination });
  expect(await find()).toMatchObject({ leadId: other.id, contactId: destination });
  expect((await tell(input)).activityId).toBe(activityId);
  const late = await tell({ ...input, leadId: other.id, externalId: "late" });
  expect(late.userErrors).toEqual([{ code: "NOT_FOUND", path: ["input", "contactId"] }]);
  await crm.graph(crm.people.member, `mutation ($id: ID!) { deleteLead(id: $id) { deletedId } }`, { id: other.id });
  expect(await find()).toMatchObject({ leadId: null, contactId: null, data: {}, externalId: "moved" });
});

test("API-2: a viewer tells nothing; a user who is gone did nothing", async () => {
  expect((await tell({ externalId: "viewer" }, crm.people.viewer)).fault?.code).toBe("FORBIDDEN");
  const gone = `mutation ($id: ID!) { updateUser(id: $id, input: { status: DEACTIVATED }) { userErrors { code } } }`;
  await crm.graph(crm.people.admin, gone, { id: crm.people.viewer.userId });
  const { userErrors } = await tell({ externalId: "gone", userId: crm.people.viewer.userId });
  expect(userErrors).toEqual([{ code: "USER_DEACTIVATED", path: ["input", "userId"] }]);
});
