import type { CrmChange } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrmStack, startCrmStack } from "../../test/crm-stack.ts";

let crm: CrmStack;
let changes: CrmChange[];
let merges: CrmChange[];
beforeAll(async () => {
  crm = await startCrmStack();
  ({ changes, merges } = await crm.listen());
});
afterAll(() => crm.stop());

type Made = { id: string; contacts: { id: string }[] };
type Payload = { contact?: { id: string } | null; lead?: { id: string } | null; userErrors: object[] };
const who = () => crm.people.member;

async function ask<T>(document: string, variables: object = {}): Promise<T> {
  const answer = await crm.graph(who(), document, variables);
  expect(answer.errors).toBeUndefined();
  return answer.data as T;
}
async function makeLead(input: object): Promise<Made> {
  const document = `mutation ($input: CreateLeadInput!) { createLead(input: $input) { lead { id contacts { id } } } }`;
  return (await ask<{ createLead: { lead: Made } }>(document, { input: { name: "Acme", ...input } })).createLead.lead;
}
async function makeOpportunity(leadId: string, contactId: string): Promise<string> {
  const document = `mutation ($input: CreateOpportunityInput!) { createOpportunity(input: $input) { opportunity { id } } }`;
  const answer = await ask<{ createOpportunity: { opportunity: { id: string } } }>(document, {
    input: { leadId, contactId },
  });
  return answer.createOpportunity.opportunity.id;
}
async function merge(kind: "Contacts" | "Leads", source: string, destination: string): Promise<Payload> {
  const one = kind === "Leads" ? "lead" : "contact";
  const document = `mutation ($s: ID!, $d: ID!) { merge: merge${kind}(sourceId: $s, destinationId: $d) { ${one} { id } userErrors { code path } } }`;
  return (await ask<{ merge: Payload }>(document, { s: source, d: destination })).merge;
}
const LEAD = `query ($id: ID!) { lead(id: $id) { description contacts { id name } opportunities { id contact { id } lead { id } } } }`;
const readLead = async (id: string) =>
  (await ask<{ lead: { contacts: { id: string }[] } & Record<string, unknown> }>(LEAD, { id })).lead;
/** Everything told from here on, up to the DELETED event of `id`. */
async function toldUntilDeleted(from: number, id: string): Promise<CrmChange[]> {
  await eventually(() => changes.some((change) => change.id === id && change.verb === "DELETED"));
  return changes.slice(from);
}

test("RUN-9: contacts of one lead become one, with the addresses of both and one event for each object that changed", async () => {
  const lead = await makeLead({
    contacts: [
      { name: "Old", title: "CEO", emails: ["ADA@x.test", "old@x.test"], phones: ["+4930901820"] },
      { name: "Ada", emails: ["ada@x.test"] },
    ],
  });
  const [source, destination] = lead.contacts.map(({ id }) => id) as [string, string];
  const deal = await makeOpportunity(lead.id, source);
  await eventually(() => changes.some(({ id }) => id === deal));
  const before = changes.length;
  expect(await merge("Contacts", source, destination)).toEqual({ contact: { id: destination }, userErrors: [] });
  const query = `query ($a: ID!, $b: ID!) { gone: contact(id: $a) { id } contact(id: $b) { name title emails { address } phones { number } } }`;
  expect(await ask(query, { a: source, b: destination })).toEqual({
    gone: null,
    contact: {
      name: "Ada",
      title: "CEO",
      emails: [{ address: "ada@x.test" }, { address: "old@x.test" }],
      phones: [{ number: "+4930901820" }],
    },
  });
  expect(await readLead(lead.id)).toMatchObject({
    contacts: [{ id: destination }],
    opportunities: [{ id: deal, contact: { id: destination } }],
  });
  const told = await toldUntilDeleted(before, source);
  expect(told).toHaveLength(3);
  expect(told[0]).toMatchObject({ verb: "UPDATED", id: destination, before: { title: null }, after: { title: "CEO" } });
  expect(told[1]).toMatchObject({
    verb: "UPDATED",
    object: "OPPORTUNITY",
    id: deal,
    contactId: destination,
    before: { contact: source },
    after: { contact: destination },
  });
  expect(told[1]!.after).not.toHaveProperty("lead");
  expect(told[2]).toMatchObject({
    verb: "DELETED",
    id: source,
    leadId: lead.id,
    mergedInto: { id: destination, leadId: lead.id },
  });
});

test("RUN-9: a contact merged into another lead's leaves its lead, and its opportunities go with it", async () => {
  const [from, to] = [
    await makeLead({ contacts: [{ name: "S" }, { name: "Stays" }] }),
    await makeLead({ contacts: [{ name: "D" }] }),
  ];
  const [source, destination] = [from.contacts[0]!.id, to.contacts[0]!.id];
  const deal = await makeOpportunity(from.id, source);
  const before = changes.length;
  await merge("Contacts", source, destination);
  expect(await readLead(from.id)).toMatchObject({ contacts: [{ name: "Stays" }], opportunities: [] });
  expect(await readLead(to.id)).toMatchObject({
    contacts: [{ id: destination }],
    opportunities: [{ id: deal, contact: { id: destination }, lead: { id: to.id } }],
  });
  const told = await toldUntilDeleted(before, source);
  // The destination took nothing, so nothing of it has changed (CRM-3).
  expect(told.filter(({ id }) => id === destination)).toEqual([]);
  expect(told.find(({ id, verb }) => id === deal && verb === "UPDATED")).toMatchObject({
    leadId: to.id,
    before: { lead: from.id, contact: source },
    after: { lead: to.id, contact: destination },
  });
  expect(told.at(-1)).toMatchObject({ leadId: from.id, mergedInto: { id: destination, leadId: to.id } });
});

test("RUN-9: leads become one: contacts behind its own in their order, opportunities, what it lacked", async () => {
  const source = await makeLead({
    name: "Source",
    description: "Words",
    contacts: [{ name: "C", emails: ["c@merged.test"] }, { name: "D" }],
  });
  const destination = await makeLead({ name: "Stays", contacts: [{ name: "A" }, { name: "B" }] });
  const deal = await makeOpportunity(source.id, source.contacts[1]!.id);
  await eventually(() => changes.some(({ id }) => id === deal));
  const before = changes.length;
  expect(await merge("Leads", source.id, destination.id)).toEqual({ lead: { id: destination.id }, userErrors: [] });
  expect(await readLead(destination.id)).toEqual({
    description: "Words",
    contacts: [...destination.contacts, ...source.contacts].map(({ id }, index) => ({ id, name: "ABCD"[index] })),
    opportunities: [{ id: deal, contact: { id: source.contacts[1]!.id }, lead: { id: destination.id } }],
  });
  expect(await readLead(source.id)).toBeNull();
  const found = await ask<{ leads: { nodes: object[] } }>(
    `{ leads(filter: { search: "c@merged.test" }) { nodes { id } } }`,
  );
  expect(found.leads.nodes).toEqual([{ id: destination.id }]);
  const told = await toldUntilDeleted(before, source.id);
  expect(told.map(({ object, verb, id }) => [object, verb, id]).sort()).toEqual(
    [
      ["LEAD", "UPDATED", destination.id],
      ...source.contacts.map(({ id }) => ["CONTACT", "UPDATED", id]),
      ["OPPORTUNITY", "UPDATED", deal],
      ["LEAD", "DELETED", source.id],
    ].sort(),
  );
  for (const { verb, object, before: was, after, leadId } of told) {
    if (verb !== "UPDATED" || object === "LEAD") continue;
    expect({ was, after, leadId }).toEqual({
      was: { lead: source.id },
      after: { lead: destination.id },
      leadId: destination.id,
    });
  }
  expect(told.at(-1)).toMatchObject({ verb: "DELETED", mergedInto: { id: destination.id, leadId: destination.id } });
});

test("API-5: what cannot be merged is refused with a path, and nothing changes", async () => {
  const lead = await makeLead({ contacts: [{ name: "A" }] });
  const [contact, unknown] = [lead.contacts[0]!.id, newId(crm.clock.now())];
  const stranger = await crm.graph(
    crm.people.stranger,
    `mutation { createLead(input: { name: "Theirs" }) { lead { id } } }`,
  );
  const theirs = (stranger.data["createLead"] as { lead: { id: string } }).lead.id;
  const notThere = (...names: string[]) => names.map((name) => ({ code: "NOT_FOUND", path: [name] }));
  const same = [{ code: "SAME_OBJECT", path: ["destinationId"] }];
  expect(await merge("Leads", lead.id, lead.id)).toEqual({ lead: null, userErrors: same });
  expect(await merge("Contacts", contact, contact)).toEqual({ contact: null, userErrors: same });
  expect((await merge("Leads", theirs, lead.id)).userErrors).toEqual(notThere("sourceId"));
  expect((await merge("Leads", lead.id, theirs)).userErrors).toEqual(notThere("destinationId"));
  expect((await merge("Contacts", unknown, "nonsense")).userErrors).toEqual(notThere("sourceId", "destinationId"));
  expect(await readLead(lead.id)).toMatchObject({ contacts: [{ id: contact }] });
  const viewer = await crm.graph(
    crm.people.viewer,
    `mutation { mergeLeads(sourceId: "x", destinationId: "y") { userErrors { code } } }`,
  );
  expect(viewer.errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});

test("RUN-9: a merge told twice, or in both directions at once, happens once", async () => {
  const one = await makeLead({ contacts: [{ name: "A" }, { name: "B" }] });
  const other = await makeLead({ contacts: [{ name: "C" }] });
  const both = await Promise.all([merge("Leads", one.id, other.id), merge("Leads", other.id, one.id)]);
  expect(both.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
  const survivor = both.find(({ lead }) => lead)!.lead!.id;
  expect((await readLead(survivor)).contacts).toHaveLength(3);
  const [a, b] = one.contacts.map(({ id }) => id) as [string, string];
  const outcomes = await Promise.all([merge("Contacts", a, b), merge("Contacts", b, a), merge("Contacts", a, b)]);
  expect(outcomes.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
  const ids = (await readLead(survivor)).contacts.map(({ id }) => id);
  expect(ids).toHaveLength(2);
  expect(await crm.crm.stores.contacts.findByIds(crm.scope, ids)).not.toContain(null);
});

test("RUN-9: what changes a source while it is merged is merged too, or comes too late", async () => {
  const source = await makeLead({ contacts: [{ name: "A" }] });
  const destination = await makeLead({});
  const contact = source.contacts[0]!.id;
  const add = `mutation ($id: ID!) { createContact(input: { leadId: $id, contact: { name: "Late" } }) { contact { id } userErrors { code } } }`;
  const rename = `mutation ($id: ID!) { updateContact(id: $id, input: { title: "Changed" }) { userErrors { code } } }`;
  const [added] = await Promise.all([
    ask<{ createContact: { contact: { id: string } | null } }>(add, { id: source.id }),
    makeOpportunity(source.id, contact).catch(() => null),
    ask(rename, { id: contact }),
    merge("Leads", source.id, destination.id),
  ]);
  const { leads, contacts, opportunities } = crm.crm.stores;
  const expected = [contact, ...(added.createContact.contact ? [added.createContact.contact.id] : [])];
  expect((await readLead(destination.id)).contacts.map(({ id }) => id)).toEqual(expected);
  expect((await contacts.findByIds(crm.scope, [contact]))[0]).toMatchObject({
    title: "Changed",
    leadId: destination.id,
  });
  for (const collection of [contacts.collection, opportunities.collection] as const) {
    expect(await (collection as typeof contacts.collection).count(crm.scope, { leadId: source.id })).toBe(0);
  }
  expect(await leads.findByIds(crm.scope, [source.id])).toEqual([null]);
});

test("RUN-9: leads with thousands of contacts become one in a bounded number of writes", async () => {
  const [source, destination] = [await makeLead({}), await makeLead({})];
  const { leads, contacts } = crm.crm.stores;
  const at = crm.clock.now();
  const many = Array.from({ length: 3000 }, (_, index) => ({
    ...{ _id: newId(at), organizationId: crm.scope.organizationId, leadId: source.id, name: `C ${index}`, title: null },
    ...{
      timeZone: null,
      emails: [],
      phones: [],
      custom: {},
      searchTerms: ["c"],
      version: 1,
      createdAt: at,
      updatedAt: at,
    },
  }));
  await contacts.collection.insertMany(crm.scope, many);
  const contactIds = many.map(({ _id }) => _id);
  await leads.collection.updateOne(crm.scope, { _id: source.id }, { $set: { contactIds } });
  const before = changes.length;
  expect((await merge("Leads", source.id, destination.id)).userErrors).toEqual([]);
  expect((await leads.findByIds(crm.scope, [destination.id]))[0]!.contactIds).toEqual(contactIds);
  await eventually(() => changes.length - before === 3001);
  // Whoever follows merges alone hears of this one, and of nothing else.
  const mergeOf = ({ id }: { id: string }) => merges.filter((merge) => merge.id === id);
  await eventually(() => mergeOf(source).length > 0);
  expect(mergeOf(source)).toEqual([changes.findLast(({ id }) => id === source.id)]);
  expect(merges.every(({ mergedInto }) => mergedInto)).toBe(true);
});
