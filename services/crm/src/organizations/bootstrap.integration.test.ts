import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrmStack, startCrmStack } from "../../test/crm-stack.ts";

let crm: CrmStack;
beforeAll(async () => {
  crm = await startCrmStack();
});
afterAll(() => crm.stop());

test("replicas that start at the same time make each organization, user and status once, and change none", async () => {
  const rename = `mutation { updateOrganization(input: { name: "Renamed", country: "at" }) { userErrors { code } } }`;
  await crm.graph(crm.people.admin, rename);
  const replicas = await Promise.all([crm.startReplica(), crm.startReplica()]);
  const query = `{ viewer { organization { name country } user { email } role } users { nodes { id } } leadStatuses { name } opportunityStatuses { name kind } }`;
  const { data } = await crm.graph(crm.people.viewer, query);
  await Promise.all(replicas.map(({ lifecycle }) => lifecycle.end()));
  expect(data).toMatchObject({
    viewer: { organization: { name: "Renamed", country: "AT" }, user: { email: "VIEWER@Demo.test" }, role: "VIEWER" },
    leadStatuses: ["Potential", "Qualified", "Customer", "Bad fit"].map((name) => ({ name })),
    opportunityStatuses: [{ kind: "OPEN" }, { kind: "WON" }, { kind: "LOST" }],
  });
  expect((data["users"] as { nodes: object[] }).nodes.length).toBe(3);
});

test("API-5: an organization's country and an admin's last role are guarded", async () => {
  const country = `mutation { updateOrganization(input: { country: "XX" }) { userErrors { code path } } }`;
  expect((await crm.graph(crm.people.admin, country)).data).toEqual({
    updateOrganization: { userErrors: [{ code: "INVALID_VALUE", path: ["input", "country"] }] },
  });
  const demote = `mutation ($id: ID!) { updateUser(id: $id, input: { role: MEMBER }) { userErrors { code } } }`;
  expect((await crm.graph(crm.people.admin, demote, { id: crm.people.admin.userId })).data).toEqual({
    updateUser: { userErrors: [{ code: "LAST_ADMIN" }] },
  });
});
