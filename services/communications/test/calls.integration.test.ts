import type { CallEnded, CrmChange } from "@cadenza/contracts";
import { NO_CAUSATION } from "@cadenza/contracts";
import { type Consumer, consume } from "@cadenza/messaging";
import { newId } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSends } from "../src/sends/sends-service.ts";
import { type Asker, World } from "./world.ts";

let world: World;
let listener: Consumer;
const told: { organizationId: string; call: CallEnded }[] = [];
beforeAll(async () => {
  world = await World.start();
  listener = await consume({
    committer: world.committer,
    durable: "calls",
    kinds: ["callEnded"],
    handle: async (envelopes) => {
      for (const { organizationId, items } of envelopes) for (const call of items) told.push({ organizationId, call });
    },
  });
});
afterAll(async () => {
  await listener.stop();
  await world[Symbol.asyncDispose]();
});

type Payload = { call: Record<string, unknown> | null; userErrors: { code: string; path: string[] }[] };
const LOG = `mutation ($input: LogCallInput!) { logCall(input: $input) {
  call { id lead { id } contact { id } user { id } direction number status outcome note durationSeconds startedAt endedAt }
  userErrors { code path } } }`;
const log = async (input: object, asker: Asker = { role: "MEMBER" }): Promise<Payload> => {
  const answer = await world.ask(LOG, { input }, asker);
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.at<Payload>("logCall");
};
const logged = async (input: object, asker?: Asker): Promise<{ id: string }> => {
  const { call, userErrors } = await log(input, asker);
  expect(userErrors).toEqual([]);
  return call as { id: string };
};
const find = async (id: string, asker?: Asker) =>
  (await world.ask("query ($id: ID!) { call(id: $id) { id lead { id } contact { id } } }", { id }, asker)).at("call");

it("TRG-1: a call that is logged is kept whole and told with it", async () => {
  const [user, contact] = [world.crm.user(), world.crm.contact()];
  const startedAt = new Date(world.clock.now().getTime() - 600_000);
  const what = { direction: "INBOUND", status: "COMPLETED", outcome: "interested", durationSeconds: 240 };
  const input = { ...what, contactId: contact.id, number: "030 901820", note: "Call back", startedAt };
  const { id } = await logged(input, { role: "MEMBER", userId: user.id });
  const { data } = await world.ask(`query ($id: ID!) { call(id: $id) { ${LOG.match(/call \{ (.*) \}\n/)![1]} } }`, {
    id,
  });
  expect(data).toEqual({
    call: {
      ...what,
      id,
      lead: { id: contact.leadId },
      contact: { id: contact.id },
      user: { id: user.id },
      number: "+4930901820",
      note: "Call back",
      startedAt: startedAt.toISOString(),
      endedAt: new Date(startedAt.getTime() + 240_000).toISOString(),
    },
  });
  const event = await eventually(() => told.find(({ call }) => call.callId === id) ?? false);
  expect(event).toEqual({
    organizationId: world.organizationId,
    call: {
      ...what,
      key: id,
      callId: id,
      leadId: contact.leadId,
      contactId: contact.id,
      userId: user.id,
      actor: { kind: "USER", id: user.id, label: "test" },
      causation: NO_CAUSATION,
      at: world.clock.now(),
    },
  });
});

it("API-1: one idempotency key is one call, told once; with another input it is refused", async () => {
  const contact = world.crm.contact();
  const input = { contactId: contact.id, idempotencyKey: "call 1", note: "x" };
  const calls = await Promise.all(Array.from({ length: 6 }, () => logged(input)));
  expect(new Set(calls.map(({ id }) => id)).size).toBe(1);
  expect((await log({ ...input, note: "y" })).userErrors).toMatchObject([{ code: "IDEMPOTENCY_KEY_REUSED" }]);
  const fence = await logged({ contactId: contact.id });
  await eventually(() => told.some(({ call }) => call.callId === fence.id));
  expect(told.filter(({ call }) => call.callId === calls[0]!.id)).toHaveLength(1);
});

const refused: [string, () => object, string, string][] = [
  ["an unknown contact", () => ({ contactId: newId(world.clock.now()) }), "NOT_FOUND", "contactId"],
  ["a malformed contact", () => ({ contactId: "x" }), "NOT_FOUND", "contactId"],
  ["an unknown user", () => ({ userId: newId(world.clock.now()) }), "NOT_FOUND", "userId"],
  ["a malformed user", () => ({ userId: "" }), "NOT_FOUND", "userId"],
  [
    "a user who is gone",
    () => ({ userId: world.crm.user({ status: "DEACTIVATED" }).id }),
    "USER_DEACTIVATED",
    "userId",
  ],
  ["a number that is none", () => ({ number: "12" }), "INVALID_PHONE", "number"],
  ["a call that goes on", () => ({ status: "IN_PROGRESS" }), "CALL_NOT_OVER", "status"],
  [
    "a call of tomorrow",
    () => ({ startedAt: new Date(world.clock.now().getTime() + 61_000) }),
    "INVALID_VALUE",
    "startedAt",
  ],
];
it.each(refused)("API-5: %s is refused with its path, and its key stays free", async (name, values, code, field) => {
  const input = { contactId: world.crm.contact().id, idempotencyKey: name };
  expect(await log({ ...input, ...values() })).toEqual({ call: null, userErrors: [{ code, path: ["input", field] }] });
  await logged(input);
});

it.each([
  [{ outcome: "x".repeat(201) }, "outcome"],
  [{ note: "x".repeat(10_001) }, "note"],
  [{ note: "a\u0000b" }, "note"],
  [{ durationSeconds: -1 }, "durationSeconds"],
  [{ durationSeconds: 86_401 }, "durationSeconds"],
  [{ idempotencyKey: "x".repeat(201) }, "idempotencyKey"],
])("API-5: %o is malformed", async (values, field) => {
  const input = { contactId: world.crm.contact().id, ...values };
  const { errors } = await world.ask(LOG, { input }, { role: "MEMBER" });
  expect(errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", path: ["input", field] });
});

it("API-2, API-3: a viewer reads calls and logs none; another organization sees none", async () => {
  const contact = world.crm.contact();
  const { id } = await logged({ contactId: contact.id });
  expect(await find(id, { role: "VIEWER" })).toMatchObject({ id });
  const { errors } = await world.ask(LOG, { input: { contactId: "x", note: "\u0000" } }, { role: "VIEWER" });
  expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  const organizationId = newId(world.clock.now());
  expect(await find(id, { organizationId })).toBeNull();
  expect(await find("nonsense")).toBeNull();
  const sends = createSends({
    ...world.service.parts,
    ...world,
    templates: world.service.parts.templateStore,
    planner: world.service.planner,
    unknownAfterMs: 60_000,
  });
  const view = { id, leadId: contact.leadId, contactId: contact.id, direction: "OUTBOUND", status: "COMPLETED" };
  const callIds = [newId(world.clock.now()), id, "nonsense"];
  expect(await sends.getCalls({ organizationId: world.organizationId, callIds })).toEqual({
    calls: [null, view, null],
  });
  expect(await sends.getCalls({ organizationId, callIds: [id] })).toEqual({ calls: [null] });
});

it("API-1: a lead's activity holds messages and calls, newest first, by one cursor", async () => {
  const { user } = await world.sender();
  const contact = world.crm.contact();
  const made: string[] = [];
  for (let i = 0; i < 7; i++) {
    world.clock.advance(10);
    if (i % 3 === 1) {
      const input = { channel: "EMAIL", contactId: contact.id, senderId: user.id, subject: "S", body: "B" };
      const answer = await world.ask(
        "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }",
        { input },
      );
      made.push(`Message ${answer.at("sendMessage.message.id")}`);
    } else made.push(`Call ${(await logged({ contactId: contact.id })).id}`);
  }
  const query = `query ($id: ID!, $after: String) { _entities(representations: [{ __typename: "Lead", id: $id }]) { ... on Lead {
    activity(first: 2, after: $after) { nodes { __typename ... on Call { id } ... on Message { id } } pageInfo { hasNextPage endCursor } } } } }`;
  type Page = { nodes: { __typename: string; id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const page: Page = (await world.ask(query, { id: contact.leadId, after })).at("_entities.0.activity");
    seen.push(...page.nodes.map(({ __typename, id }) => `${__typename} ${id}`));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after);
  expect(seen).toEqual(made.toReversed());
});

it("RUN-9: calls of a merged contact are the survivor's", async () => {
  const contact = world.crm.contact();
  const { id } = await logged({ contactId: contact.id });
  const [into, leadId] = [newId(world.clock.now()), newId(world.clock.now())];
  const merge: CrmChange = {
    ...{ key: newId(world.clock.now()), object: "CONTACT", verb: "DELETED", id: contact.id, leadId: contact.leadId },
    ...{ contactId: null, version: 2, before: {}, after: {}, mergedInto: { id: into, leadId } },
    ...{ actor: { kind: "USER", id: null, label: "Ada" }, causation: NO_CAUSATION, at: world.clock.now() },
  };
  const { organizationId } = world;
  await world.committer.commit(async (unit) => unit.tell({ kind: "subjectMerged", organizationId, items: [merge] }));
  await eventually(async () => expect(await find(id)).toEqual({ id, lead: { id: leadId }, contact: { id: into } }));
});
