import type { Condition, Trigger } from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definition, task, updateLead } from "../runs/definition-builder.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { type House, startHouse } from "../testing/house.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const id = (): string => newId(realClock.now());
const put = (event: Trigger["event"], conditions: Condition | null = null, overrides = {}) =>
  house.definitions.put(
    definition([task("call back")], {
      organizationId: house.organizationId,
      workflowId: id(),
      trigger: { event, conditions, stalledDays: null },
      ...overrides,
    }),
  );
const runsOf = (workflowId: string) => house.runs.tenant.find(house.scope, { workflowId });
type Refusal = { event: string; reason: { code: string }; lead: { id: string } | null; contact: { id: string } | null };
const refusalsOf = async (workflowId: string): Promise<Refusal[]> => {
  const query = `query($id: ID!) { _entities(representations: [{ __typename: "Workflow", id: $id }]) { ... on Workflow { startRefusals { nodes { event reason { code } lead { id } contact { id } } } } } }`;
  const { _entities } = await house.data<{ _entities: { startRefusals: { nodes: Refusal[] } }[] }>(query, {
    id: workflowId,
  });
  return _entities[0]!.startRefusals.nodes;
};
/** Something that is handled after everything told before it. */
const settled = async (): Promise<void> => {
  const last = put("CONTACT_UPDATED", { test: { path: "event.data.title", op: "EQUALS", value: id() } });
  const marker = id();
  house.definitions.put({
    ...last,
    revision: 2,
    trigger: {
      event: "CONTACT_UPDATED",
      conditions: { test: { path: "event.data.title", op: "EQUALS", value: marker } },
      stalledDays: null,
    },
  });
  const { leadId, contactIds } = house.crm.addLead(house.organizationId, "Marker");
  await house.tell([
    changeOf(
      "CONTACT",
      "UPDATED",
      { id: contactIds[0]!, leadId },
      { after: { title: marker }, before: { title: null } },
    ),
  ]);
  await eventually(async () => expect(await runsOf(last.workflowId)).toHaveLength(1));
  house.definitions.put({ ...last, revision: 3 }, "ARCHIVED");
};

test("TRG-2, ENR-4: a lead event whose conditions hold starts a run for the primary contact", async () => {
  const { workflowId } = put("LEAD_CREATED", {
    all: [
      { test: { path: "lead.name", op: "CONTAINS", value: "big" } },
      { not: { test: { path: "contact.name", op: "IS_EMPTY" } } },
    ],
  });
  const big = house.crm.addLead(house.organizationId, "Big Shop", 2);
  const small = house.crm.addLead(house.organizationId, "Small Shop");
  const changes = [big, small].map(({ leadId }) =>
    changeOf("LEAD", "CREATED", { id: leadId, leadId }, { after: { name: house.crm.leads.get(leadId)!.name } }),
  );
  await house.tell(changes);
  const runs = await eventually(async () => {
    const found = await runsOf(workflowId);
    expect(found).toHaveLength(1);
    return found;
  });
  expect(runs[0]).toMatchObject({
    leadId: big.leadId,
    contactId: big.contactIds[0],
    startedBy: { kind: "EVENT", id: changes[0]!.key, label: "Lead created" },
    enrollingUserId: null,
    event: { kind: "LEAD_CREATED", eventId: changes[0]!.key },
    depth: 0,
  });
  await settled();
  expect(await runsOf(workflowId)).toHaveLength(1);
});

test("ENR-4: a contact event starts for that contact, an opportunity event for its contact, else the primary one", async () => {
  const onContact = put("CONTACT_CREATED");
  const onOpportunity = put("OPPORTUNITY_CREATED");
  const primary = put("CONTACT_CREATED", null, { recipient: "PRIMARY_CONTACT" });
  const one = house.crm.addLead(house.organizationId, "One", 2);
  const two = house.crm.addLead(house.organizationId, "Two", 1);
  const withContact = house.crm.addOpportunity(house.organizationId, one.leadId, one.contactIds[1]!);
  const without = house.crm.addOpportunity(house.organizationId, two.leadId, null);
  await house.tell([
    changeOf("CONTACT", "CREATED", { id: one.contactIds[1]!, leadId: one.leadId }),
    changeOf("OPPORTUNITY", "CREATED", { id: withContact, leadId: one.leadId, contactId: one.contactIds[1]! }),
    changeOf("OPPORTUNITY", "CREATED", { id: without, leadId: two.leadId }),
  ]);
  await eventually(async () => {
    expect((await runsOf(onContact.workflowId)).map(({ contactId }) => contactId)).toEqual([one.contactIds[1]]);
    expect((await runsOf(primary.workflowId)).map(({ contactId }) => contactId)).toEqual([one.contactIds[0]]);
    const runs = await runsOf(onOpportunity.workflowId);
    expect(new Map(runs.map(({ contactId, opportunityId }) => [opportunityId, contactId]))).toEqual(
      new Map([
        [withContact, one.contactIds[1]],
        [without, two.contactIds[0]],
      ]),
    );
  });
});

test("TRG-3: one event told many times, in several envelopes and out of order, starts one run for each subject", async () => {
  const { workflowId } = put(
    "LEAD_STATUS_CHANGED",
    { test: { path: "event.data.status", op: "CHANGED_TO", value: "hot" } },
    {
      reentry: { mode: "AFTER_END", minimumDaysSinceLastStart: 0 },
      places: [{ stepId: id(), step: null }],
    },
  );
  const leads = Array.from({ length: 5 }, (_, i) => house.crm.addLead(house.organizationId, `Lead ${i}`));
  const events = leads.map(({ leadId }) =>
    changeOf("LEAD", "UPDATED", { id: leadId, leadId }, { before: { status: "cold" }, after: { status: "hot" } }),
  );
  // Every run of this workflow ends at once, so that only the event's identity keeps a second one from starting.
  await Promise.all([house.tell(events), house.tell(events.toReversed()), house.tell([...events, ...events])]);
  await eventually(async () => expect(await runsOf(workflowId)).toHaveLength(5));
  await house.tell(events.toReversed());
  await settled();
  const runs = await runsOf(workflowId);
  expect(runs).toHaveLength(5);
  expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(["FINISHED"]));
  expect(await refusalsOf(workflowId)).toEqual([]);
  // Nor did a repetition fail its way to that: all envelopes are done with, and none was given up.
  const { bus } = house.committer;
  await eventually(
    async () => {
      const consumer = await bus.manager.consumers.info(bus.named("EVENTS"), bus.named("run-orchestrator-changes"));
      expect(consumer).toMatchObject({ num_pending: 0, num_ack_pending: 0 });
    },
    { timeoutMs: 20_000 },
  );
  const deadLetters = house.database.system("deadLetters", "The test looks at what failed in all organizations.");
  expect(await deadLetters.countDocuments({})).toBe(0);
});

test("TRG-5, ENR-6: a start refused for want of a recipient or for re-entry stands in startRefusals, once an event", async () => {
  const { workflowId } = put("LEAD_UPDATED");
  const empty = house.crm.addLead(house.organizationId, "Nobody", 0);
  const full = house.crm.addLead(house.organizationId, "Somebody");
  const nobody = changeOf(
    "LEAD",
    "UPDATED",
    { id: empty.leadId, leadId: empty.leadId },
    { after: { name: "x" }, before: { name: "y" } },
  );
  await house.tell([nobody]);
  await house.tell([nobody]);
  const changes = [1, 2].map((i) =>
    changeOf(
      "LEAD",
      "UPDATED",
      { id: full.leadId, leadId: full.leadId },
      { after: { name: `${i}` }, before: { name: "" } },
    ),
  );
  await house.tell(changes);
  const refusals = await eventually(async () => {
    const found = await refusalsOf(workflowId);
    expect(found).toHaveLength(2);
    return found;
  });
  await settled();
  expect(await refusalsOf(workflowId)).toHaveLength(2);
  expect(refusals).toContainEqual({
    event: "LEAD_UPDATED",
    reason: { code: "NO_RECIPIENT" },
    lead: { id: empty.leadId },
    contact: null,
  });
  expect(refusals).toContainEqual({
    event: "LEAD_UPDATED",
    reason: { code: "ALREADY_ENROLLED" },
    lead: { id: full.leadId },
    contact: { id: full.contactIds[0] },
  });
  expect(await runsOf(workflowId)).toHaveLength(1);
});

test("TRG-4: a workflow's own change does not start it, another's does, up to eight in a chain", async () => {
  const { workflowId } = put("LEAD_UPDATED");
  const [own, eighth, ninth] = ["own", "eighth", "ninth"].map((name) => house.crm.addLead(house.organizationId, name));
  const caused = (lead: { leadId: string }, by: string, depth: number) =>
    changeOf(
      "LEAD",
      "UPDATED",
      { id: lead.leadId, leadId: lead.leadId },
      { after: { name: "n" }, before: { name: "m" }, causation: { eventId: id(), workflowId: by, runId: id(), depth } },
    );
  await house.tell([caused(own!, workflowId, 0), caused(eighth!, id(), 6), caused(ninth!, id(), 7)]);
  const refusals = await eventually(async () => {
    const found = await refusalsOf(workflowId);
    expect(found).toHaveLength(2);
    return found;
  });
  expect(new Map(refusals.map(({ lead, reason }) => [lead!.id, reason.code]))).toEqual(
    new Map([
      [own!.leadId, "SELF_TRIGGERED"],
      [ninth!.leadId, "CHAIN_TOO_DEEP"],
    ]),
  );
  expect(await runsOf(workflowId)).toMatchObject([{ leadId: eighth!.leadId, depth: 7 }]);
});

test("API-3: another organization's workflows hear nothing of it", async () => {
  const other = id();
  const { workflowId } = house.definitions.put(
    definition([updateLead("x")], {
      organizationId: other,
      workflowId: id(),
      trigger: { event: "LEAD_CREATED", conditions: null, stalledDays: null },
    }),
  );
  const { leadId } = house.crm.addLead(house.organizationId, "Ours");
  await house.tell([changeOf("LEAD", "CREATED", { id: leadId, leadId })]);
  await settled();
  const { database } = house;
  expect(await database.system("runs", "The test looks at all organizations.").countDocuments({ workflowId })).toBe(0);
});

test("RUN-9: deleting a contact or a lead cancels its open runs, and they stay readable", async () => {
  const { workflowId } = put("CONTACT_CREATED");
  const one = house.crm.addLead(house.organizationId, "One", 2);
  const two = house.crm.addLead(house.organizationId, "Two", 1);
  const created = [
    ...one.contactIds.map((contactId) => ({ id: contactId, leadId: one.leadId })),
    { id: two.contactIds[0]!, leadId: two.leadId },
  ];
  await house.tell(created.map((ids) => changeOf("CONTACT", "CREATED", ids)));
  await eventually(async () => expect(await runsOf(workflowId)).toHaveLength(3));
  await house.tell([
    changeOf("CONTACT", "DELETED", { id: one.contactIds[0]!, leadId: one.leadId }),
    changeOf("LEAD", "DELETED", { id: two.leadId, leadId: two.leadId }),
  ]);
  await eventually(async () => {
    const runs = await runsOf(workflowId);
    expect(new Map(runs.map((run) => [run.contactId, run.status]))).toEqual(
      new Map([
        [one.contactIds[0]!, "CANCELED"],
        [one.contactIds[1]!, "ACTIVE"],
        [two.contactIds[0]!, "CANCELED"],
      ]),
    );
    for (const run of runs) if (run.status === "CANCELED") expect(run.reason?.code).toBe("SUBJECT_DELETED");
  });
});

test("REL-6: an event that cannot be handled holds up none beside it, and ends among the dead letters", async () => {
  const { workflowId } = put("LEAD_CREATED");
  const leads = Array.from({ length: 5 }, (_, i) => house.crm.addLead(house.organizationId, `Lead ${i}`));
  // No crm would say so: there is nothing that the program could do about it.
  house.crm.leads.set(leads[2]!.leadId, { ...house.crm.leads.get(leads[2]!.leadId)!, contactIds: null as never });
  const events = leads.map(({ leadId }) => changeOf("LEAD", "CREATED", { id: leadId, leadId }));
  await house.tell(events);
  await eventually(async () => expect(await runsOf(workflowId)).toHaveLength(4), { timeoutMs: 2000 });
  const letters = house.database.system<{ body: string }>("deadLetters", "The test looks at what failed.");
  const found = await eventually(
    async () => {
      const all = await letters.find({}).toArray();
      expect(all).toHaveLength(1);
      return all;
    },
    { timeoutMs: 20_000 },
  );
  expect(found[0]!.body).toContain(events[2]!.key);
  await settled();
  expect(await runsOf(workflowId)).toHaveLength(4);
}, 40_000);
