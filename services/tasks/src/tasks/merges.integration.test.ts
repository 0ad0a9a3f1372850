import { type CrmChange, NO_CAUSATION } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const id = () => newId(world.clock.now());
async function makeTask(leadId: string, contactId: string | null): Promise<string> {
  world.crm.leads.set(leadId, { ...world.lead, id: leadId });
  if (contactId) world.crm.contacts.set(contactId, { ...world.contact, id: contactId, leadId });
  const input = { leadId, contactId, description: "Call", assigneeIds: [world.users.ada.id] };
  const document = `mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { id } userErrors { code } } }`;
  return (await world.change(document, { input })).task.id;
}
const change = (object: "LEAD" | "CONTACT", changed: Partial<CrmChange> & { id: string }): CrmChange => ({
  ...{ key: id(), object, verb: "UPDATED", leadId: changed.id, contactId: null, version: 2, before: {}, after: {} },
  ...{ actor: { kind: "USER", id: null, label: "Ada" }, causation: NO_CAUSATION, at: world.clock.now(), ...changed },
});
const mergeOf = (object: "LEAD" | "CONTACT", from: string, into: string, leadId = into) =>
  change(object, { id: from, verb: "DELETED", mergedInto: { id: into, leadId } });
const tell = (items: CrmChange[], organizationId = world.organizationId) =>
  world.committer.commit(async (unit) => unit.tell({ kind: "subjectMerged", organizationId, items }));
async function placeOf(taskId: string): Promise<[string, string | null]> {
  const { task } = (await world.ask(`{ task(id: "${taskId}") { lead { id } contact { id } } }`)).data;
  return [task.lead.id, task.contact?.id ?? null];
}

test("RUN-9: tasks of a merged contact go to the contact and the lead that stay, told once or again", async () => {
  const [lead, contact, otherLead, otherContact] = [id(), id(), id(), id()];
  const tasks = [await makeTask(lead, contact), await makeTask(lead, null)];
  const merge = mergeOf("CONTACT", contact, otherContact, otherLead);
  await tell([merge]);
  await tell([{ ...merge, key: id() }]);
  await eventually(async () => expect(await placeOf(tasks[0]!)).toEqual([otherLead, otherContact]));
  expect(await placeOf(tasks[1]!)).toEqual([lead, null]);
});

test("RUN-9: tasks of a merged lead go to the one that stays, through chains in any order", async () => {
  const [lead, contact, second, third] = [id(), id(), id(), id()];
  const tasks = [await makeTask(lead, contact), await makeTask(lead, null)];
  await tell([mergeOf("LEAD", second, third)]);
  const fence = await makeTask(id(), null);
  await tell([mergeOf("LEAD", lead, second)]);
  await eventually(async () => expect(await placeOf(tasks[1]!)).toEqual([third, null]));
  expect(await placeOf(tasks[0]!)).toEqual([third, contact]);
  expect((await placeOf(fence))[0]).not.toBe(third);
});

test("API-3: another organization's merge moves nothing here", async () => {
  const [lead, contact] = [id(), id()];
  const task = await makeTask(lead, contact);
  await tell([mergeOf("CONTACT", contact, id(), id())], id());
  const fence = id();
  const fenced = await makeTask(fence, null);
  const after = id();
  await tell([mergeOf("LEAD", fence, after)]);
  await eventually(async () => expect((await placeOf(fenced))[0]).toBe(after));
  expect(await placeOf(task)).toEqual([lead, contact]);
});

test("TRG-1: each completion is told once, as the deed of who completed it", async () => {
  const { ada } = world.users;
  const taskId = await makeTask(world.lead.id, world.contact.id);
  const complete = (asked = taskId) =>
    world.ask(
      `mutation { completeTask(id: "${asked}") { task { status } userErrors { code } } }`,
      {},
      { userId: ada.id },
    );
  const told = (asked: string) => world.completions.filter((event) => event.taskId === asked);
  await Promise.all([complete(), complete(), complete()]);
  await eventually(() => told(taskId).length > 0);
  await world.change(`mutation { reopenTask(id: "${taskId}") { task { id } } }`);
  await complete();
  await eventually(() => told(taskId).length > 1);
  const fence = await makeTask(world.lead.id, null);
  await complete(fence);
  await eventually(() => told(fence).length > 0);
  expect(told(taskId)).toHaveLength(2);
  expect(new Set(told(taskId).map(({ key }) => key)).size).toBe(2);
  expect(told(taskId)[0]).toMatchObject({
    kind: "TASK",
    description: "Call",
    leadId: world.lead.id,
    contactId: world.contact.id,
    runId: null,
    completedById: ada.id,
    actor: { kind: "USER", id: ada.id },
    causation: NO_CAUSATION,
    at: world.clock.now(),
  });
});

test("TRG-1: a deleted task is not a completed one", async () => {
  const [deleted, fence] = [await makeTask(world.lead.id, null), await makeTask(world.lead.id, null)];
  await world.change(`mutation { deleteTask(id: "${deleted}") { deletedId } }`);
  await world.change(`mutation { completeTask(id: "${fence}") { task { id } } }`);
  await eventually(() => world.completions.some(({ taskId }) => taskId === fence));
  expect(world.completions.filter(({ taskId }) => taskId === deleted)).toEqual([]);
});
