import type { CrmChange } from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { email, updateLead } from "../runs/definition-builder.ts";
import { type Enrolling, enrolling } from "../testing/enrolling.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { type House, startHouse } from "../testing/house.ts";
import type { Place } from "./subject.ts";
import { SubjectSettler } from "./subject-settler.ts";

let house: House;
let world: Enrolling;
beforeAll(async () => {
  house = await startHouse();
  world = enrolling(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const ADA = { kind: "USER", id: null, label: "Ada" } as const;
const lead = (contacts = 1) => house.crm.addLead(house.organizationId, "Acme", contacts);
const goneContact = (id: string, leadId: string, mergedInto: Place | null = null): CrmChange =>
  changeOf("CONTACT", "DELETED", { id, leadId, contactId: id }, { mergedInto, actor: ADA });
const goneLead = (id: string, into: string | null = null): CrmChange =>
  changeOf("LEAD", "DELETED", { id, leadId: id }, { mergedInto: into === null ? null : { id: into, leadId: into } });
const placeOf = async (runId: string) => {
  const { leadId, contactId } = await world.runOf(runId);
  return { leadId, contactId };
};
const statusOf = async (runId: string) => {
  const { status, reason } = await world.runOf(runId);
  return reason ? `${status} ${reason.code}` : status;
};
/** Everything told before is seen to, but for the last look. */
const settled = () => eventually(async () => expect(await house.first.engine.subjects.countUnsettled()).toBe(0));
async function heard(changes: readonly CrmChange[]): Promise<void> {
  await house.tell(changes);
  const subjects = house.database.tenant<{ _id: string; organizationId: string; isGone: boolean }>("subjects");
  const ids = changes.map(({ id }) => id);
  await eventually(async () =>
    expect((await subjects.find(house.scope, { _id: { $in: ids } })).map(({ _id }) => _id).sort()).toEqual(ids.sort()),
  );
  await settled();
}

test("RUN-9: a deleted contact's or lead's open runs are canceled, and stay readable", async () => {
  const { workflowId } = world.workflow({}, "ACTIVE", [email("hello")]);
  const [one, two] = [lead(2), lead()];
  const runs = [];
  for (const id of [...one.contactIds, ...two.contactIds]) runs.push(await world.started(workflowId, id));
  await heard([goneContact(one.contactIds[0]!, one.leadId), goneLead(two.leadId)]);
  expect(await Promise.all(runs.map(statusOf))).toEqual([
    "CANCELED SUBJECT_DELETED",
    "ACTIVE",
    "CANCELED SUBJECT_DELETED",
  ]);
  const { run } = await house.data<{ run: object }>(
    `query($id: ID!) { run(id: $id) { status contact { id } transitions { to actor { label } reason { code } } } }`,
    { id: runs[0] },
  );
  expect(run).toMatchObject({
    contact: { id: one.contactIds[0] },
    transitions: [{ to: "ACTIVE" }, { to: "CANCELED", actor: { label: "Ada" }, reason: { code: "SUBJECT_DELETED" } }],
  });
});

test("RUN-9: a merged contact's runs, open and over, move to what survives and to its lead; the older of a workflow stays", async () => {
  const [shared, own, over] = [world.workflow(), world.workflow(), world.workflow({}, "ACTIVE", [updateLead("only")])];
  const [from, to] = [lead(), lead()];
  const [source, survivor] = [from.contactIds[0]!, to.contactIds[0]!];
  const older = await world.started(shared.workflowId, source);
  const younger = await world.started(shared.workflowId, survivor);
  const alone = await world.started(own.workflowId, source);
  const ended = await world.started(over.workflowId, source);
  const endedThere = await world.started(over.workflowId, survivor);
  for (const runId of [ended, endedThere]) await eventually(async () => expect(await statusOf(runId)).toBe("FINISHED"));
  await heard([goneContact(source, from.leadId, { id: survivor, leadId: to.leadId })]);
  for (const runId of [older, younger, alone, ended])
    expect(await placeOf(runId)).toEqual({ leadId: to.leadId, contactId: survivor });
  expect(await Promise.all([older, younger, alone, ended].map(statusOf))).toEqual([
    "ACTIVE",
    "CANCELED MERGED",
    "ACTIVE",
    "FINISHED",
  ]);
  expect((await world.runOf(younger)).transitions.at(-1)?.actor).toEqual(ADA);
  const ordinals = await house.runs.tenant.find(house.scope, { contactId: survivor, workflowId: over.workflowId });
  expect(ordinals.map(({ ordinal }) => ordinal).sort()).toEqual([1, 2]);
});

test("RUN-9, ENR-2: of two runs of one exclusivity group the older stays", async () => {
  const exclusivity = { group: `group ${newId(realClock.now())}`, onConflict: "REPLACE" as const };
  const [one, two] = [world.workflow({ exclusivity }), world.workflow({ exclusivity })];
  const { leadId, contactIds } = lead(2);
  const older = await world.started(one.workflowId, contactIds[1]!);
  const younger = await world.started(two.workflowId, contactIds[0]!);
  await heard([goneContact(contactIds[0]!, leadId, { id: contactIds[1]!, leadId })]);
  expect([await statusOf(older), await statusOf(younger)]).toEqual(["ACTIVE", "CANCELED MERGED"]);
  expect(await placeOf(younger)).toEqual({ leadId, contactId: contactIds[1] });
});

test("RUN-9: runs of a merged lead keep their contacts; a contact that goes to another lead takes its runs along", async () => {
  const { workflowId } = world.workflow();
  const [from, to, other] = [lead(2), lead(), lead()];
  const [one, two] = from.contactIds as [string, string];
  const runs = [await world.started(workflowId, one), await world.started(workflowId, two)];
  const ids = { id: one, leadId: other.leadId, contactId: one };
  const moved = { before: { lead: from.leadId }, after: { lead: other.leadId }, version: 2 };
  await heard([changeOf("CONTACT", "UPDATED", ids, moved)]);
  expect(await placeOf(runs[0]!)).toEqual({ leadId: other.leadId, contactId: one });
  await heard([goneLead(from.leadId, to.leadId)]);
  expect(await placeOf(runs[1]!)).toEqual({ leadId: to.leadId, contactId: two });
  expect(await placeOf(runs[0]!)).toEqual({ leadId: other.leadId, contactId: one });
});

test("RUN-9: merges one behind the other lead to the last, in whatever order they are heard of", async () => {
  for (const order of [[0, 1], [1, 0], "together"] as const) {
    const { workflowId } = world.workflow();
    const [a, b, c] = [lead(), lead(), lead()];
    const [one, two, three] = [a.contactIds[0]!, b.contactIds[0]!, c.contactIds[0]!];
    const runId = await world.started(workflowId, one);
    const merges = [
      goneContact(one, a.leadId, { id: two, leadId: b.leadId }),
      goneContact(two, b.leadId, { id: three, leadId: c.leadId }),
    ];
    if (order === "together") await heard(merges);
    else for (const index of order) await heard([merges[index]!]);
    await eventually(async () => expect(await placeOf(runId)).toEqual({ leadId: c.leadId, contactId: three }));
    expect(await statusOf(runId)).toBe("ACTIVE");
  }
});

test("RUN-9: two contacts that are merged into each other end their runs instead of sending them round", async () => {
  const { workflowId } = world.workflow();
  const { leadId, contactIds } = lead(2);
  const [one, two] = contactIds as [string, string];
  const runId = await world.started(workflowId, one);
  await heard([goneContact(one, leadId, { id: two, leadId }), goneContact(two, leadId, { id: one, leadId })]);
  expect(await statusOf(runId)).toBe("CANCELED SUBJECT_DELETED");
});

test("RUN-9: nothing starts for a contact that is gone, even where crm was asked before; of a merged lead it starts under the new one", async () => {
  const { workflowId } = world.workflow();
  const [from, to, deleted] = [lead(3), lead(), lead()];
  const [merged, ofMergedLead, stays] = from.contactIds as [string, string, string];
  await heard([
    goneContact(merged, from.leadId, { id: to.contactIds[0]!, leadId: to.leadId }),
    goneContact(deleted.contactIds[0]!, deleted.leadId),
    goneLead(from.leadId, to.leadId),
  ]);
  // crm, as it is scripted, still knows them all.
  expect(await world.refusal(workflowId, merged)).toBe("NOT_FOUND");
  expect(await world.refusal(workflowId, deleted.contactIds[0]!)).toBe("NOT_FOUND");
  const runId = await world.started(workflowId, ofMergedLead);
  expect(await placeOf(runId)).toEqual({ leadId: to.leadId, contactId: ofMergedLead });
  const { userErrors } = await world.changeRecipient(runId, merged);
  expect(userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
  expect(await world.refusal(workflowId, stays)).toBeNull();
});

test("RUN-9: a start that had begun before its contact was gone, and is committed after, follows at the last look", async () => {
  const workflow = world.workflow();
  const [from, to, deleted] = [lead(), lead(), lead()];
  const [source, survivor, lost] = [from.contactIds[0]!, to.contactIds[0]!, deleted.contactIds[0]!];
  const { engine } = house.first;
  const { database } = house.committer;
  const settler = new SubjectSettler({ database, engine, subjects: engine.subjects });
  const begun = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const startOf = (contactId: string, leadId: string) => ({
    id: newId(realClock.now()),
    organizationId: house.organizationId,
    workflowId: workflow.workflowId,
    leadId,
    contactId,
    opportunityId: null,
    ordinal: 1,
    startedBy: ADA,
    enrollingUserId: null,
    event: null,
    depth: 0,
    chosenAccountIds: [],
  });
  const late = house.committer.commit(async (unit) => {
    const none = await engine.subjects.gone(house.scope, [source, lost], unit.session);
    expect(none.size).toBe(0);
    begun.resolve();
    await gone.promise;
    return engine.startRuns(unit, [startOf(source, from.leadId), startOf(lost, deleted.leadId)], workflow);
  });
  await begun.promise;
  await heard([
    goneContact(source, from.leadId, { id: survivor, leadId: to.leadId }),
    goneContact(lost, deleted.leadId),
  ]);
  gone.resolve();
  const runs = await late;
  expect(await Promise.all(runs.map(({ _id }) => placeOf(_id)))).toMatchObject([
    { contactId: source },
    { contactId: lost },
  ]);
  expect(await world.refusal(workflow.workflowId, source)).toBe("NOT_FOUND");
  const inTwoMinutes = new Date(realClock.now().getTime() + 120_000);
  const due = await engine.subjects.due([...engine.shards.owned()], inTwoMinutes, 1000);
  expect(due.map(({ _id }) => _id)).toEqual(expect.arrayContaining([source, lost]));
  await house.committer.commit((unit) => settler.settle(unit, house.scope, [source, lost]));
  expect(await placeOf(runs[0]!._id)).toEqual({ leadId: to.leadId, contactId: survivor });
  expect(await Promise.all(runs.map(({ _id }) => statusOf(_id)))).toEqual(["ACTIVE", "CANCELED SUBJECT_DELETED"]);
});

test("RUN-9, RUN-7: a run whose contact is gone is not resumed", async () => {
  const { leadId, contactIds } = lead();
  const workflow = world.workflow({}, "ACTIVE", [updateLead("only")]);
  const runId = await world.started(workflow.workflowId, contactIds[0]!);
  await eventually(async () => expect(await statusOf(runId)).toBe("FINISHED"));
  house.definitions.put({ ...workflow, revision: 2, places: [...workflow.places, ...world.workflow().places] });
  await heard([goneContact(contactIds[0]!, leadId)]);
  const result = await house.first.engine.apply(house.scope, [runId], { kind: "resume", actor: ADA });
  expect(result.get(runId)).toMatchObject({ refused: { code: "RUN_NOT_RESUMABLE" } });
});

test("RUN-9: thousands of runs follow page by page, each once, also where the replica that began is gone", async () => {
  const [from, to] = [lead(), lead()];
  const template = await world.runOf(await world.started(world.workflow().workflowId, from.contactIds[0]!));
  const many = Array.from({ length: 1500 }, (_, i) => ({
    ...template,
    _id: newId(realClock.now()),
    contactId: newId(realClock.now()),
    ordinal: 1,
    ...(i % 3 === 0 ? { open: false, status: "FINISHED" as const } : {}),
  }));
  await house.runs.tenant.insertMany(house.scope, many);
  const second = await house.replica();
  await house.tell([goneLead(from.leadId, to.leadId)]);
  await eventually(async () =>
    expect(await house.runs.tenant.count(house.scope, { leadId: to.leadId })).toBeGreaterThan(0),
  );
  await second.abandon();
  await settled();
  await eventually(async () => expect(await house.runs.tenant.count(house.scope, { leadId: to.leadId })).toBe(1501), {
    timeoutMs: 25_000,
  });
  const moved = await house.runs.tenant.find(house.scope, { leadId: to.leadId }, { projection: { version: 1 } });
  expect(new Set(moved.map(({ version }) => version))).toEqual(new Set([template.version + 1]));
});

test("RUN-9, TRG-5: a refused start names the contact that survives", async () => {
  const trigger = { event: "LEAD_UPDATED" as const, conditions: null, stalledDays: null };
  const workflow = world.workflow({ trigger });
  const [from, to] = [lead(), lead()];
  await world.started(workflow.workflowId, from.contactIds[0]!);
  await house.tell([
    changeOf("LEAD", "UPDATED", { id: from.leadId, leadId: from.leadId }, { after: { name: "Acme Inc" } }),
  ]);
  const refusals = house.database.tenant<{ _id: string; organizationId: string; workflowId: string }>("startRefusals");
  const own = { workflowId: workflow.workflowId };
  await eventually(async () => expect(await refusals.find(house.scope, own)).toHaveLength(1));
  house.definitions.put(workflow, "ARCHIVED");
  await heard([goneContact(from.contactIds[0]!, from.leadId, { id: to.contactIds[0]!, leadId: to.leadId })]);
  expect(await refusals.find(house.scope, own)).toMatchObject([{ leadId: to.leadId, contactId: to.contactIds[0] }]);
});
