import { newId } from "@cadenza/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrmStack, startCrmStack } from "../../test/crm-stack.ts";
import { LAST_CHANGE_INDEX } from "../opportunities/store.ts";

let crm: CrmStack;
let leadId: string;
let statuses: Record<string, string>;
beforeAll(async () => {
  crm = await startCrmStack();
  const made = await ask<{ createLead: { lead: { id: string } } }>(
    `mutation { createLead(input: { name: "Acme" }) { lead { id } } }`,
  );
  leadId = made.createLead.lead.id;
  const { opportunityStatuses } = await ask<{ opportunityStatuses: { id: string; kind: string }[] }>(
    `{ opportunityStatuses { id kind } }`,
  );
  statuses = Object.fromEntries(opportunityStatuses.map(({ id, kind }) => [kind, id]));
});
afterAll(() => crm.stop());

async function ask<T>(document: string, variables: object = {}): Promise<T> {
  const answer = await crm.graph(crm.people.member, document, variables);
  expect(answer.errors).toBeUndefined();
  return answer.data as T;
}
async function make(kind = "OPEN"): Promise<string> {
  const document = `mutation ($input: CreateOpportunityInput!) { createOpportunity(input: $input) { opportunity { id } } }`;
  const input = { leadId, statusId: statuses[kind] };
  const made = await ask<{ createOpportunity: { opportunity: { id: string } } }>(document, { input });
  return made.createOpportunity.opportunity.id;
}
const update = (id: string, input: object) =>
  ask(
    `mutation ($id: ID!, $input: UpdateOpportunityInput!) { updateOpportunity(id: $id, input: $input) { userErrors { code } } }`,
    { id, input },
  );
const now = () => crm.clock.now().toISOString();
const find = (changedAfter: string, changedUntil: string, more: { afterId?: string; limit?: number } = {}) =>
  crm.reader.findStalled({
    organizationId: crm.scope.organizationId,
    ...{ changedAfter, changedUntil, afterId: null, limit: 100, ...more },
  });
const HOUR_MS = 3_600_000;

test("CRM-5: open opportunities are found by their last change, in its order, page by page", async () => {
  const start = now();
  crm.clock.advance(HOUR_MS);
  const together = [await make(), await make(), await make()].sort();
  await make("WON");
  const instant = now();
  crm.clock.advance(HOUR_MS);
  const later = await make();
  const end = now();
  crm.clock.advance(HOUR_MS);
  await make("LOST");
  const next = await make();

  const all = await find(start, end);
  expect(all.opportunities.map(({ id }) => id)).toEqual([...together, later]);
  expect(all.opportunities[0]).toEqual({ id: together[0], leadId, contactId: null, version: 1, updatedAt: instant });
  expect(all.nextChangedAt).toBe(now());
  const first = await find(start, end, { limit: 2 });
  const last = first.opportunities[1]!;
  const second = await find(last.updatedAt, end, { afterId: last.id });
  expect([...first.opportunities, ...second.opportunities]).toEqual(all.opportunities);
  expect((await find(instant, end)).opportunities.map(({ id }) => id)).toEqual([later]);
  expect(await find(end, now())).toMatchObject({ opportunities: [{ id: next }], nextChangedAt: null });
});

test("CRM-5: any change counts, one that changes nothing does not, and a closed one is not found", async () => {
  const start = now();
  crm.clock.advance(HOUR_MS);
  const [changed, untouched, won] = [await make(), await make(), await make()];
  const made = now();
  crm.clock.advance(HOUR_MS);
  await update(changed, { note: "Called." });
  await update(untouched, { period: "ONE_TIME" });
  await update(won, { statusId: statuses["WON"] });
  const answer = await find(start, made);
  expect(answer).toMatchObject({ opportunities: [{ id: untouched, version: 1 }], nextChangedAt: now() });
  expect((await find(made, now())).opportunities).toMatchObject([{ id: changed, version: 2 }]);
});

test("API-3: another organization has none of these; the search reads its index only", async () => {
  const request = { changedAfter: new Date(0).toISOString(), changedUntil: now(), afterId: null, limit: 10 };
  expect(await crm.reader.findStalled({ organizationId: newId(crm.clock.now()), ...request })).toEqual({
    opportunities: [],
    nextChangedAt: null,
  });
  const indexes = await crm.database.system<{ _id: string }>("opportunities", "looks at its indexes").indexes();
  expect(indexes.find(({ name }) => name === LAST_CHANGE_INDEX)?.key).toEqual({
    organizationId: 1,
    statusId: 1,
    updatedAt: 1,
    _id: 1,
  });
});
