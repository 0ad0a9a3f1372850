import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrmStack, startCrmStack } from "../../test/crm-stack.ts";

let crm: CrmStack;
beforeAll(async () => {
  crm = await startCrmStack();
});
afterAll(() => crm.stop());

async function mutate<T>(document: string, variables: object = {}): Promise<T> {
  const answer = await crm.graph(crm.people.member, document, variables);
  expect(answer.errors).toBeUndefined();
  return answer.data as T;
}

async function leadWith(...names: string[]): Promise<{ id: string; contacts: { id: string }[] }> {
  const document = `mutation ($input: CreateLeadInput!) { createLead(input: $input) { lead { id contacts { id } } } }`;
  const input = { name: "Acme", contacts: names.map((name) => ({ name })) };
  const { createLead } = await mutate<{ createLead: { lead: never } }>(document, { input });
  return createLead.lead;
}

test("a contact is moved within its lead, and leaves when it is deleted", async () => {
  const { id, contacts } = await leadWith("Ada", "Bob", "Eve");
  const move = `mutation ($id: ID!) { updateContact(id: $id, input: { position: 0 }) { userErrors { code } } }`;
  await mutate(move, { id: contacts[2]!.id });
  await mutate(`mutation ($id: ID!) { deleteContact(id: $id) { deletedId } }`, { id: contacts[0]!.id });
  const query = `query ($id: ID!) { lead(id: $id) { contacts { name } } }`;
  expect(await mutate(query, { id })).toEqual({ lead: { contacts: [{ name: "Eve" }, { name: "Bob" }] } });
});

test("a lead is found by its contacts' addresses as they stand", async () => {
  const { id, contacts } = await leadWith("Ada");
  const update = `mutation ($id: ID!, $input: UpdateContactInput!) { updateContact(id: $id, input: $input) { userErrors { code } } }`;
  const found = async (search: string) => {
    const query = `query ($search: String) { leads(filter: { search: $search }) { nodes { id } totalCount } }`;
    return (await mutate<{ leads: object }>(query, { search })).leads;
  };
  await mutate(update, { id: contacts[0]!.id, input: { emails: ["first@found.test"] } });
  expect(await found("FIRST@found")).toEqual({ nodes: [{ id }], totalCount: 1 });
  await mutate(update, { id: contacts[0]!.id, input: { emails: ["second@found.test"] } });
  expect(await found("first@found")).toEqual({ nodes: [], totalCount: 0 });
});

test("a list goes page by page, newest first, without a gap or a repeat", async () => {
  const { id } = await leadWith(...Array.from({ length: 7 }, (_, index) => `Page ${index}`));
  const query = `query ($ids: [ID!], $after: String) {
    contacts(first: 3, after: $after, filter: { leadIds: $ids }) { nodes { id } pageInfo { hasNextPage endCursor } totalCount }
  }`;
  type Page = { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string }; totalCount: number };
  const page = async (after: string | null) => (await mutate<{ contacts: Page }>(query, { ids: [id], after })).contacts;
  const first = await page(null);
  const second = await page(first.pageInfo.endCursor);
  const third = await page(second.pageInfo.endCursor);
  const seen = [first, second, third].flatMap(({ nodes }) => nodes.map((node) => node.id));
  expect(seen).toEqual([...new Set(seen)].sort().reverse());
  expect([seen.length, first.totalCount, third.pageInfo.hasNextPage]).toEqual([7, 7, false]);
});

test("API-5: an opportunity's faults are named with their paths", async () => {
  const [mine, other] = [await leadWith("Ada"), await leadWith("Bob")];
  const document = `mutation ($input: CreateOpportunityInput!) { createOpportunity(input: $input) { opportunity { id } userErrors { code path } } }`;
  const input = {
    leadId: mine.id,
    contactId: other.contacts[0]!.id,
    confidence: 101,
    value: { amount: "1.50", currency: "XXY" },
  };
  expect(await mutate(document, { input })).toEqual({
    createOpportunity: {
      opportunity: null,
      userErrors: [
        { code: "NOT_FOUND", path: ["input", "contactId"] },
        { code: "INVALID_VALUE", path: ["input", "confidence"] },
        { code: "INVALID_VALUE", path: ["input", "value", "currency"] },
      ],
    },
  });
  const empty = { input: { leadId: mine.id, contactId: "", userId: "" } };
  expect(await mutate(document, empty)).toEqual({
    createOpportunity: {
      opportunity: null,
      userErrors: [
        { code: "NOT_FOUND", path: ["input", "contactId"] },
        { code: "NOT_FOUND", path: ["input", "userId"] },
      ],
    },
  });
});

test("an opportunity keeps its value exact, and outlives its contact", async () => {
  const { id, contacts } = await leadWith("Ada");
  const document = `mutation ($input: CreateOpportunityInput!) { createOpportunity(input: $input) { opportunity { id } } }`;
  const value = { amount: "12345678901234567890.10", currency: "eur" };
  await mutate(document, { input: { leadId: id, contactId: contacts[0]!.id, value } });
  await mutate(`mutation ($id: ID!) { deleteContact(id: $id) { deletedId } }`, { id: contacts[0]!.id });
  const query = `query ($id: ID!) { lead(id: $id) { opportunities { contact { id } period status { kind } value { amount currency } } } }`;
  const amount = "12345678901234567890.1";
  expect(await mutate(query, { id })).toEqual({
    lead: {
      opportunities: [
        { contact: null, period: "ONE_TIME", status: { kind: "OPEN" }, value: { amount, currency: "EUR" } },
      ],
    },
  });
});

test("many contacts added to one lead at the same time all stand on it", async () => {
  const { id } = await leadWith();
  const document = `mutation ($input: CreateContactInput!) { createContact(input: $input) { userErrors { code } } }`;
  const adding = Array.from({ length: 8 }, (_, index) =>
    mutate(document, { input: { leadId: id, contact: { name: `C${index}` } } }),
  );
  await Promise.all(adding);
  const { lead } = await mutate<{ lead: { contacts: object[] } }>(
    `query ($id: ID!) { lead(id: $id) { contacts { id } } }`,
    { id },
  );
  expect(lead.contacts.length).toBe(8);
});
