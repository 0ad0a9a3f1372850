import { type CrmChange, NO_CAUSATION } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world[Symbol.asyncDispose]());

async function queued() {
  const { user } = await world.sender();
  const { id: templateId } = await world.template();
  const contact = world.crm.contact();
  const command = world.command({ contactId: contact.id, creatorOrEnrollingUserId: user.id, templateId });
  await world.tell(command);
  await eventually(() => expect(world.resultsOf(command)).toHaveLength(1));
  return (await world.messages()).find(({ step }) => step?.key === command.key)!;
}
const find = async ({ _id }: { _id: string }) => (await world.messages()).find((message) => message._id === _id)!;
const id = () => newId(world.clock.now());
const mergeOf = (object: "LEAD" | "CONTACT", from: string, into: string, leadId: string): CrmChange => ({
  ...{ key: id(), object, verb: "DELETED", id: from, leadId: from, contactId: null, version: 2, before: {}, after: {} },
  ...{ mergedInto: { id: into, leadId }, actor: { kind: "USER", id: null, label: "Ada" }, causation: NO_CAUSATION },
  at: world.clock.now(),
});
const tell = (items: CrmChange[], organizationId = world.organizationId) =>
  world.committer.commit(async (unit) => unit.tell({ kind: "subjectMerged", organizationId, items }));

it("RUN-9: messages of a merged contact or lead are the survivor's, and else stay as they were rendered", async () => {
  const [one, other, theirs] = [await queued(), await queued(), await queued()];
  const [contactId, leadId, intoLead] = [id(), id(), id()];
  await tell([mergeOf("CONTACT", theirs.contactId, id(), id())], id());
  const merges = [
    mergeOf("CONTACT", one.contactId, contactId, leadId),
    mergeOf("LEAD", other.leadId, intoLead, intoLead),
  ];
  await tell(merges);
  await tell(merges.map((merge) => ({ ...merge, key: id() })));
  await eventually(async () => expect((await find(other)).leadId).toBe(intoLead));
  expect(await find(one)).toEqual({ ...one, contactId, leadId });
  expect(await find(other)).toEqual({ ...other, leadId: intoLead });
  expect(await find(theirs)).toEqual(theirs);
});

it("RUN-9: a message that the dispatcher has in hand keeps the version that its outcome is written over", async () => {
  const message = await queued();
  await world.setStatus(message._id, { status: "SENDING" });
  const sending = await find(message);
  const into = id();
  await tell([mergeOf("LEAD", message.leadId, into, into)]);
  await eventually(async () => expect((await find(message)).leadId).toBe(into));
  expect((await find(message)).version).toBe(sending.version);
});
