import type { OrganizationChanged } from "@cadenza/contracts";
import { consume } from "@cadenza/messaging";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CrmStack, startCrmStack } from "../../test/crm-stack.ts";

let stack: CrmStack;
beforeAll(async () => {
  stack = await startCrmStack();
});
afterAll(() => stack.stop());

const UPDATE =
  "mutation ($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { organization { timeZone } userErrors { code } } }";

it("CRM-3: a changed organization is told once with its zone, an unchanged one not at all", async () => {
  const told: OrganizationChanged[] = [];
  const listening = await consume({
    committer: stack.committer,
    durable: "test-organizations",
    kinds: ["organizationChanged"],
    handle: async (envelopes, unit) => unit.afterCommit(() => told.push(...envelopes.flatMap(({ items }) => items))),
  });
  const update = (input: object) => stack.graph(stack.people.admin, UPDATE, { input });
  await update({ timeZone: "Europe/Berlin" });
  await update({ timeZone: "America/New_York" });
  await update({ timeZone: "America/New_York" });
  await update({ name: "Demo Inc." });
  await eventually(() => expect(told).toHaveLength(2));
  await listening.stop();
  expect(told).toMatchObject([
    { version: 2, timeZone: "America/New_York", actor: { kind: "USER", id: stack.people.admin.userId } },
    { version: 3, timeZone: "America/New_York" },
  ]);
});
