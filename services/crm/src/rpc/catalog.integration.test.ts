import { afterAll, beforeAll, expect, it } from "vitest";
import { type CrmStack, startCrmStack } from "../../test/crm-stack.ts";

let stack: CrmStack;
beforeAll(async () => {
  stack = await startCrmStack();
});
afterAll(() => stack.stop());

const none = { users: { ids: [], emails: [], names: [] }, groups: { ids: [], names: [] } };
const create = async (field: string, query: string, variables: object): Promise<string> => {
  const answer = await stack.graph(stack.people.admin, query, variables);
  return (
    (answer.data[field] as Record<string, { id: string }>)[field.replace("create", "").toLowerCase()] ?? { id: "" }
  ).id;
};
const newUser = (name: string, email: string) =>
  create(
    "createUser",
    "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } userErrors { message } } }",
    { input: { name, email } },
  );

it("WF-8: people and groups are found by id, address and name, whatever their case, and only as far as asked", async () => {
  const { organizationId } = stack.people.admin;
  const ada = await newUser("Ada Lovelace", "ada@demo.test");
  const twin = await newUser("ADA LOVELACE", "other.ada@demo.test");
  const bob = await newUser("Bob", "bob@demo.test");
  const group = await create(
    "createGroup",
    "mutation ($input: GroupInput!) { createGroup(input: $input) { group { id } userErrors { message } } }",
    { input: { name: "Sales – EMEA", memberIds: [ada, bob] } },
  );
  const byName = await stack.reader.catalog({
    organizationId,
    users: { ids: [], emails: [], names: ["ada lovelace"] },
    groups: { ids: [], names: ["SALES – emea"] },
  });
  expect(byName.users.map(({ id }) => id).sort()).toEqual([ada, twin].sort());
  expect(byName.groups).toEqual([{ id: group, name: "Sales – EMEA", activeMembers: 2 }]);
  const rest = await stack.reader.catalog({
    organizationId,
    users: { ids: [bob], emails: ["ADA@demo.test"], names: [] },
    groups: { ids: [group], names: [] },
  });
  expect(rest.users).toHaveLength(2);
  expect(rest.users).toContainEqual(expect.objectContaining({ id: bob }));
  expect(rest.users).toContainEqual({ id: ada, name: "Ada Lovelace", email: "ada@demo.test", status: "ACTIVE" });
  expect(rest.groups).toHaveLength(1);
});

it("WF-8: the catalog has all fields and statuses of its own organization, and nothing of another's", async () => {
  const { organizationId } = stack.people.admin;
  const query =
    "mutation ($input: CreateCustomFieldInput!) { createCustomField(input: $input) { customField { id } userErrors { message } } }";
  await stack.graph(stack.people.admin, query, { input: { object: "CONTACT", name: "Rôle", type: "TEXT" } });
  const found = await stack.reader.catalog({ organizationId, ...none });
  expect(found).toMatchObject({ organizationTimeZone: "Europe/Berlin", users: [], groups: [] });
  expect(found.customFields).toMatchObject([{ object: "CONTACT", name: "Rôle", type: "TEXT" }]);
  expect(found.leadStatuses.map(({ name }) => name)).toContain("Qualified");
  expect(found.opportunityStatuses).toContainEqual(expect.objectContaining({ name: "Won", kind: "WON" }));

  const other = await stack.reader.catalog({
    organizationId: stack.people.stranger.organizationId,
    users: { ids: [stack.people.admin.userId], emails: ["ada@demo.test"], names: ["Ada Lovelace", "Bob"] },
    groups: { ids: [], names: ["Sales – EMEA"] },
  });
  expect(other).toMatchObject({ users: [], groups: [], customFields: [] });
});
