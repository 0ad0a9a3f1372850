import { newId } from "@cadenza/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrmStack, startCrmStack } from "../../test/crm-stack.ts";

let crm: CrmStack;
let hot: string;
let leads: Record<string, { id: string; contacts: { id: string }[] }>;
beforeAll(async () => {
  crm = await startCrmStack();
  const made = await ask<{ createLeadStatus: { leadStatus: { id: string } } }>(
    `mutation { createLeadStatus(name: "Hot") { leadStatus { id } } }`,
    {},
    crm.people.admin,
  );
  hot = made.createLeadStatus.leadStatus.id;
  const [acme, bolt] = [await makeLead("Acme", hot, ["CEO", "CTO"]), await makeLead("Bolt", null, ["CEO"])];
  leads = { acme, bolt };
});
afterAll(() => crm.stop());

async function ask<T>(document: string, variables: object = {}, person = crm.people.member): Promise<T> {
  const answer = await crm.graph(person, document, variables);
  expect(answer.errors).toBeUndefined();
  return answer.data as T;
}
async function makeLead(name: string, statusId: string | null, titles: string[]) {
  const document = `mutation ($input: CreateLeadInput!) { createLead(input: $input) { lead { id contacts { id } } } }`;
  const contacts = titles.map((title) => ({ name: `${title} of ${name}`, title }));
  // Lists go by creation.
  crm.clock.advance(1);
  type Answer = { createLead: { lead: { id: string; contacts: { id: string }[] } } };
  return (await ask<Answer>(document, { input: { name, statusId, contacts } })).createLead.lead;
}
const is = (path: string, value: unknown, op = "EQUALS") => ({ test: { path, op, value } });
const LEADS = `query ($where: ConditionInput) { found: leads(filter: { where: $where }) { totalCount nodes { id } } }`;
const CONTACTS = `query ($where: ConditionInput, $first: Int = 50) { found: contacts(first: $first, filter: { where: $where }) { totalCount nodes { id } } }`;
type Found = { found: { totalCount: number; nodes: { id: string }[] } };
const nodes = (...ids: string[]) => ids.map((id) => ({ id }));

test("TRG-2: leads and contacts are listed by the language of triggers", async () => {
  const { acme, bolt } = leads as { acme: (typeof leads)[string]; bolt: (typeof leads)[string] };
  expect((await ask<Found>(LEADS, { where: is("lead.status", hot) })).found).toEqual({
    totalCount: 1,
    nodes: nodes(acme.id),
  });
  const ceos = is("contact.title", "ceo", "CONTAINS");
  const found = await ask<Found>(CONTACTS, { where: ceos });
  expect(found.found.nodes).toEqual(nodes(bolt.contacts[0]!.id, acme.contacts[0]!.id));
  const ofHot = await ask<Found>(CONTACTS, { where: { all: [ceos, is("lead.status", hot)] }, first: 1 });
  expect(ofHot.found).toEqual({ totalCount: 1, nodes: nodes(acme.contacts[0]!.id) });
  const either = { any: [is("contact.title", "CTO"), { not: is("lead.status", hot) }] };
  expect((await ask<Found>(CONTACTS, { where: either, first: 1 })).found).toEqual({
    totalCount: 2,
    nodes: nodes(bolt.contacts[0]!.id),
  });
});

test("ENR-3: a bulk enrolment finds contacts by the same condition, page by page", async () => {
  const request = { organizationId: crm.scope.organizationId, contactIds: null, limit: 1 };
  const filterJson = JSON.stringify({ where: { ...is("lead.status", hot), all: null } });
  const { acme } = leads as { acme: (typeof leads)[string] };
  const [one, other] = acme.contacts.map(({ id }) => id).sort() as [string, string];
  const first = await crm.reader.findContacts({ ...request, filterJson, afterId: null });
  expect(first).toEqual({ contacts: [{ id: one, leadId: acme.id }], total: 2 });
  const second = await crm.reader.findContacts({ ...request, filterJson, afterId: one });
  expect(second.contacts).toEqual([{ id: other, leadId: acme.id }]);
  expect((await crm.reader.findContacts({ ...request, filterJson, afterId: other })).contacts).toEqual([]);
  const wrong = JSON.stringify({ where: is("lead.colour", "red") });
  const answer = await crm.reader.findContacts({ ...request, filterJson: wrong, afterId: null });
  expect(answer).toMatchObject({ contacts: [], total: 0, fault: { path: ["where", "test", "path"] } });
});

test("API-3: another organization's condition finds nothing of this one", async () => {
  const all = { not: is("contact.name", "nobody") };
  const theirs = await ask<Found>(CONTACTS, { where: { all: [all, is("lead.name", "Acme")] } }, crm.people.stranger);
  expect(theirs.found).toEqual({ totalCount: 0, nodes: [] });
  const mixed = { any: [is("lead.name", "Acme"), is("contact.title", "CEO")] };
  expect((await ask<Found>(CONTACTS, { where: mixed }, crm.people.stranger)).found.nodes).toEqual([]);
});

const unknownField = newId(new Date(0));
const name = is("lead.name", "x");
const wrong: [string, string, unknown, string[]][] = [
  ["an unknown path", LEADS, { all: [is("lead.colour", "red")] }, ["all", "0", "test", "path"]],
  ["an unknown custom field", LEADS, is(`lead.custom.${unknownField}`, "x"), ["test", "path"]],
  ["a field of a contact", LEADS, { any: [name, is("contact.title", "x")] }, ["any", "1", "test", "path"]],
  ["an opportunity's field", CONTACTS, { not: is("opportunity.note", "x") }, ["not", "test", "path"]],
  ["an event", CONTACTS, is("event.data.form", "x"), ["test", "path"]],
  ["a history", CONTACTS, is("lead.status", "x", "CHANGED_TO"), ["test", "op"]],
  ["a value of the wrong type", LEADS, is("lead.createdAt", "soon", "AFTER"), ["test", "value"]],
  ["an operator of the database", LEADS, is("lead.name", { $gt: "" }), ["test", "value", "$gt"]],
  ["an instant in a text", LEADS, is("lead.name", ["2026-01-05T09:00:00Z"], "IN"), ["test", "value"]],
  ["two at once", LEADS, { all: [name], not: name }, []],
  ["nothing", LEADS, {}, []],
  ["no parts", LEADS, { any: [] }, ["any"]],
  ["300 parts", LEADS, { all: Array.from({ length: 300 }, () => name) }, ["all", "199"]],
];
test.each(wrong)("API-5: %s is refused with its path", async (_, document, where, path) => {
  const { errors } = await crm.graph(crm.people.member, document, { where });
  expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", path: ["filter", "where", ...path] });
});
