import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrmStack, startCrmStack } from "../../test/crm-stack.ts";

let crm: CrmStack;
beforeAll(async () => {
  crm = await startCrmStack();
});
afterAll(() => crm.stop());

const CREATE = `mutation ($input: CreateLeadInput!) {
  createLead(input: $input) {
    lead { id name url status { name } contacts { id name emails { address } phones { number country } } }
    userErrors { code path }
  }
}`;

test("CRM-2: a lead with contacts is stored and read back, its numbers in E.164", async () => {
  const input = {
    name: "Acme",
    url: "https://acme.test",
    contacts: [{ name: "Ada Lovelace", emails: ["Ada@Acme.test"], phones: ["030 901820"] }],
  };
  const { data } = await crm.graph(crm.people.member, CREATE, { input });
  expect(data["createLead"]).toMatchObject({
    userErrors: [],
    lead: {
      name: "Acme",
      status: { name: "Potential" },
      contacts: [
        {
          name: "Ada Lovelace",
          emails: [{ address: "Ada@Acme.test" }],
          phones: [{ number: "+4930901820", country: "DE" }],
        },
      ],
    },
  });
});

test("API-5: every fault of an input is named with its path, and nothing is written", async () => {
  const before = await crm.crm.stores.leads.count(crm.scope, {});
  const input = {
    name: " ",
    url: "ftp://acme.test",
    statusId: "nothing",
    customFields: [{ fieldId: "nothing", value: 1 }],
    contacts: [{ name: "Ada", emails: ["ada@acme.test", "not an address"], phones: ["12"] }],
  };
  const { data } = await crm.graph(crm.people.member, CREATE, { input });
  expect(data["createLead"]).toEqual({
    lead: null,
    userErrors: [
      { code: "UNKNOWN_FIELD", path: ["input", "customFields", "0", "fieldId"] },
      { code: "REQUIRED", path: ["input", "name"] },
      { code: "INVALID_URL", path: ["input", "url"] },
      { code: "NOT_FOUND", path: ["input", "statusId"] },
      { code: "INVALID_EMAIL", path: ["input", "contacts", "0", "emails", "1"] },
      { code: "INVALID_PHONE", path: ["input", "contacts", "0", "phones", "0"] },
    ],
  });
  expect(await crm.crm.stores.leads.count(crm.scope, {})).toBe(before);
});

test("API-2: a viewer reads but does not write, whatever the values are", async () => {
  const { data, errors } = await crm.graph(crm.people.viewer, CREATE, { input: { name: "" } });
  expect(data).toBeNull();
  expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
});

test("CRM-3: a change tells what changed, and a save that changes nothing tells nothing", async () => {
  const { changes } = await crm.listen();
  const { data } = await crm.graph(crm.people.member, CREATE, {
    input: { name: "Quiet", contacts: [{ name: "Eve" }] },
  });
  const { lead } = data["createLead"] as { lead: { id: string } };
  const update = `mutation ($id: ID!, $input: UpdateLeadInput!) { updateLead(id: $id, input: $input) { userErrors { code } } }`;
  await crm.graph(crm.people.member, update, { id: lead.id, input: { name: "Quiet", description: null } });
  await crm.graph(crm.people.member, update, { id: lead.id, input: { name: "Loud" } });
  await crm.graph(crm.people.member, `mutation ($id: ID!) { deleteLead(id: $id) { deletedId } }`, { id: lead.id });
  const own = () => changes.filter(({ leadId }) => leadId === lead.id);
  await eventually(() => expect(own().length).toBe(5));
  const told = own().map(({ object, verb, version }) => `${object} ${verb} ${version}`);
  expect(told.slice(0, 2).sort()).toEqual(["CONTACT CREATED 1", "LEAD CREATED 1"]);
  expect(told.slice(2)).toEqual(["LEAD UPDATED 2", "CONTACT DELETED 2", "LEAD DELETED 3"]);
  expect(own()[2]).toMatchObject({
    before: { name: "Quiet" },
    after: { name: "Loud" },
    actor: { kind: "USER", id: crm.people.member.userId },
    causation: { depth: 0, workflowId: null },
  });
});

test("the same idempotency key answers as the first call did", async () => {
  const input = { name: "Once", idempotencyKey: "once" };
  const first = await crm.graph(crm.people.member, CREATE, { input });
  const second = await crm.graph(crm.people.member, CREATE, { input });
  expect(second).toEqual(first);
  const reused = await crm.graph(crm.people.member, CREATE, { input: { ...input, name: "Twice" } });
  expect(reused.data["createLead"]).toMatchObject({ lead: null, userErrors: [{ code: "IDEMPOTENCY_KEY_REUSED" }] });
});
