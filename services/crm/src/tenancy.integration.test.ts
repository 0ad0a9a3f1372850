import { createHash } from "node:crypto";
import { newId } from "@cadenza/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrmStack, startCrmStack } from "../test/crm-stack.ts";

let crm: CrmStack;
let ids: Record<"lead" | "contact" | "opportunity" | "user" | "group" | "customField" | "status", string>;
beforeAll(async () => {
  crm = await startCrmStack();
  const { data } = await crm.graph(
    crm.people.admin,
    `mutation {
      field: createCustomField(input: { object: LEAD, name: "Size", type: NUMBER }) { customField { id } }
      group: createGroup(input: { name: "Sales", memberIds: ["${crm.people.member.userId}"] }) { group { id } }
      lead: createLead(input: { name: "Acme", contacts: [{ name: "Ada" }] }) { lead { id status { id } contacts { id } } }
    }`,
  );
  const made = data as never as {
    field: { customField: { id: string } };
    group: { group: { id: string } };
    lead: { lead: { id: string; status: { id: string }; contacts: { id: string }[] } };
  };
  const { lead } = made.lead;
  const input = `{ leadId: "${lead.id}", contactId: "${lead.contacts[0]!.id}" }`;
  const deal = await crm.graph(
    crm.people.admin,
    `mutation { createOpportunity(input: ${input}) { opportunity { id } } }`,
  );
  ids = {
    lead: lead.id,
    contact: lead.contacts[0]!.id,
    opportunity: (deal.data["createOpportunity"] as { opportunity: { id: string } }).opportunity.id,
    user: crm.people.member.userId,
    group: made.group.group.id,
    customField: made.field.customField.id,
    status: lead.status.id,
  };
});
afterAll(() => crm.stop());

/** Every object of the demo organization and its values, as they stand. */
async function snapshot(): Promise<string> {
  const { stores } = crm.crm;
  const all = await Promise.all([
    stores.leads.collection.find(crm.scope, {}),
    stores.contacts.collection.find(crm.scope, {}),
    stores.opportunities.collection.find(crm.scope, {}),
    stores.users.collection.find(crm.scope, {}),
    stores.groups.collection.find(crm.scope, {}),
  ]);
  return JSON.stringify(all);
}

test.each(["lead", "contact", "opportunity", "user"] as const)(
  "API-3: a query for another organization's %s finds nothing",
  async (kind) => {
    const query = `query ($id: ID!) { ${kind}(id: $id) { id } }`;
    expect((await crm.graph(crm.people.viewer, query, { id: ids[kind] })).data[kind]).toEqual({ id: ids[kind] });
    expect((await crm.graph(crm.people.stranger, query, { id: ids[kind] })).data[kind]).toBeNull();
    expect((await crm.graph(crm.people.viewer, query, { id: "{$gt: 1}" })).data[kind]).toBeNull();
  },
);

test("API-3: lists hold the caller's own only", async () => {
  const query = `query ($ids: [ID!]) {
    leads(filter: { ids: $ids }) { nodes { id } totalCount }
    contacts { totalCount } users { nodes { id } } groups { id } customFields { id }
  }`;
  const { data } = await crm.graph(crm.people.stranger, query, { ids: [ids.lead] });
  expect(data).toMatchObject({
    leads: { nodes: [], totalCount: 0 },
    contacts: { totalCount: 0 },
    groups: [],
    customFields: [],
  });
  expect(JSON.stringify(data)).not.toContain(ids.user);
});

test("API-3: an entity reference to another organization's object is null", async () => {
  const references = [
    ...["Lead", "Contact", "Opportunity", "User", "Group", "CustomField"].map((name) => {
      const kind = (name[0]!.toLowerCase() + name.slice(1)) as keyof typeof ids;
      return { __typename: name, id: ids[kind] };
    }),
    { __typename: "LeadStatus", id: ids.status },
    { __typename: "Organization", id: crm.scope.organizationId },
  ];
  const query = `query ($references: [_Any!]!) { _entities(representations: $references) { __typename ... on Lead { name } } }`;
  const own = await crm.graph(crm.people.viewer, query, { references });
  expect((own.data["_entities"] as { __typename: string }[]).map((entity) => entity.__typename)).toEqual(
    references.map(({ __typename }) => __typename),
  );
  const foreign = await crm.graph(crm.people.stranger, query, { references });
  expect(foreign.data["_entities"]).toEqual(references.map(() => null));
});

test.each([
  ["updateLead", (id: typeof ids) => `updateLead(id: "${id.lead}", input: { name: "Ours" }) { userErrors { code } }`],
  ["deleteLead", (id: typeof ids) => `deleteLead(id: "${id.lead}") { userErrors { code } }`],
  [
    "createContact",
    (id: typeof ids) =>
      `createContact(input: { leadId: "${id.lead}", contact: { name: "X" } }) { userErrors { code } }`,
  ],
  [
    "updateContact",
    (id: typeof ids) => `updateContact(id: "${id.contact}", input: { name: "Ours" }) { userErrors { code } }`,
  ],
  ["deleteContact", (id: typeof ids) => `deleteContact(id: "${id.contact}") { userErrors { code } }`],
  [
    "createOpportunity",
    (id: typeof ids) => `createOpportunity(input: { leadId: "${id.lead}" }) { userErrors { code } }`,
  ],
  [
    "updateOpportunity",
    (id: typeof ids) => `updateOpportunity(id: "${id.opportunity}", input: { note: "X" }) { userErrors { code } }`,
  ],
  ["deleteOpportunity", (id: typeof ids) => `deleteOpportunity(id: "${id.opportunity}") { userErrors { code } }`],
  ["updateUser", (id: typeof ids) => `updateUser(id: "${id.user}", input: { name: "Ours" }) { userErrors { code } }`],
  [
    "updateGroup",
    (id: typeof ids) =>
      `updateGroup(id: "${id.group}", input: { name: "Ours", memberIds: [] }) { userErrors { code } }`,
  ],
  [
    "createGroup",
    (id: typeof ids) => `createGroup(input: { name: "Ours", memberIds: ["${id.user}"] }) { userErrors { code } }`,
  ],
  [
    "createLead",
    (id: typeof ids) => `createLead(input: { name: "Ours", statusId: "${id.status}" }) { userErrors { code } }`,
  ],
] as const)("API-3: %s with another organization's id is refused and changes nothing", async (name, document) => {
  const before = await snapshot();
  const { data } = await crm.graph(crm.people.stranger, `mutation { ${document(ids)} }`);
  expect(data[name]).toEqual({ userErrors: [{ code: "NOT_FOUND" }] });
  expect(await snapshot()).toBe(before);
});

test("API-3: gRPC answers for the organization that is asked about only", async () => {
  const subject = { leadId: ids.lead, contactId: ids.contact, opportunityId: ids.opportunity, userIds: [ids.user] };
  const own = await crm.reader.getSubjects({ organizationId: crm.scope.organizationId, subjects: [subject] });
  expect(own.subjects[0]).toMatchObject({
    lead: { name: "Acme" },
    contact: { name: "Ada" },
    opportunity: { id: ids.opportunity },
  });
  const { organizationId } = crm.otherScope;
  const foreign = await crm.reader.getSubjects({ organizationId, subjects: [subject] });
  expect(foreign.subjects).toEqual([{ lead: null, contact: null, opportunity: null, users: [null] }]);
  const page = { afterId: null, limit: 10 };
  const found = await crm.reader.findContacts({ organizationId, contactIds: [ids.contact], filterJson: null, ...page });
  expect(found).toEqual({ contacts: [], total: 0 });
  const own2 = { organizationId: crm.scope.organizationId, contactIds: null, filterJson: '{"search":"ada"}', ...page };
  expect(await crm.reader.findContacts(own2)).toEqual({ contacts: [{ id: ids.contact, leadId: ids.lead }], total: 1 });
  const references = {
    userIds: [ids.user],
    groupIds: [ids.group],
    customFieldIds: [ids.customField],
    leadStatusIds: [ids.status],
  };
  expect(await crm.reader.checkReferences({ organizationId, ...references })).toMatchObject({
    users: [],
    groups: [],
    customFields: [],
    leadStatusIds: [],
  });
});

test("API-2: an identity is an active user's or an unrevoked key's", async () => {
  const { organizationId } = crm.scope;
  const user = { organizationId, userId: ids.user };
  expect((await crm.identity.resolve(user)).identity).toMatchObject({ role: "MEMBER", userId: ids.user });
  expect((await crm.identity.resolve({ ...user, organizationId: crm.otherScope.organizationId })).identity).toBeNull();
  expect((await crm.identity.resolve({ organizationId, userId: newId(crm.clock.now()) })).identity).toBeNull();

  const create = `mutation { createApiKey(input: { name: "Robot", role: MEMBER }) { secret apiKey { id lastUsedAt } } }`;
  const { data } = await crm.graph(crm.people.admin, create);
  const { secret, apiKey } = data["createApiKey"] as { secret: string; apiKey: { id: string } };
  expect(secret).toMatch(/^cdz_[0-9A-Za-z]{32}$/);
  const apiKeyHash = createHash("sha256").update(secret).digest("hex");
  expect((await crm.identity.resolve({ apiKeyHash })).identity).toEqual({
    organizationId,
    role: "MEMBER",
    userId: null,
    apiKeyId: apiKey.id,
    label: "Robot",
  });
  await crm.graph(crm.people.admin, `mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { revokedAt } } }`, apiKey);
  expect((await crm.identity.resolve({ apiKeyHash })).identity).toBeNull();
});

test("API-2: what only an admin may do is refused to a member, and a request without an identity altogether", async () => {
  const documents = [
    `createUser(input: { name: "X", email: "x@demo.test" }) { userErrors { code } }`,
    `createCustomField(input: { object: LEAD, name: "X", type: TEXT }) { userErrors { code } }`,
    `createLeadStatus(name: "X") { userErrors { code } }`,
    `createApiKey(input: { name: "X", role: ADMIN }) { userErrors { code } }`,
    `updateOrganization(input: { name: "X" }) { userErrors { code } }`,
  ];
  const answers = await Promise.all(
    documents.map((document) => crm.graph(crm.people.member, `mutation { ${document} }`)),
  );
  expect(answers.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual(documents.map(() => "FORBIDDEN"));
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${crm.url}/graphql`, {
    method: "POST",
    headers,
    body: `{"query":"{ groups { id } }"}`,
  });
  expect(response.status).toBe(401);
});
