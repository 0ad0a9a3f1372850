import { evaluate } from "@cadenza/conditions";
import type { Condition } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrmStack, startCrmStack } from "../../test/crm-stack.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Contact } from "../contacts/contact.ts";
import { ContactStore } from "../contacts/store.ts";
import type { Lead } from "../leads/lead.ts";
import { contactView, leadView } from "../rpc/views.ts";
import { conditionOver, POOLS, type PoolName, type RandomField } from "./testing/random-condition.ts";
import { contactWhere, leadWhere } from "./where-filters.ts";

const LEADS = 80;
const RUNS = 250;
let crm: CrmStack;
let catalog: Catalog;
let leads: Lead[];
let contacts: Contact[];
let fields: Record<"LEAD" | "CONTACT", RandomField[]>;

beforeAll(async () => {
  crm = await startCrmStack();
  fields = { LEAD: await customFields("LEAD"), CONTACT: await customFields("CONTACT") };
  fields.LEAD.push(...["name", "description", "url"].map((name) => standard(`lead.${name}`, "TEXT")));
  fields.LEAD.push(standard("lead.createdAt", "DATETIME"));
  fields.CONTACT.push(...["name", "title"].map((name) => standard(`contact.${name}`, "TEXT")));
  fields.CONTACT.push(standard("contact.emails", "TEXT", true), standard("contact.phones", "TEXT", true));
  fields.CONTACT.push(standard("contact.updatedAt", "DATETIME"));
  catalog = await crm.crm.catalogs.fresh(crm.scope);
  [leads, contacts] = fc.sample(documents(), { numRuns: 1, seed: 7 })[0]!;
  await crm.crm.stores.leads.collection.insertMany(crm.scope, leads);
  await crm.crm.stores.contacts.collection.insertMany(crm.scope, contacts);
});
afterAll(() => crm.stop());

function standard(path: string, pool: PoolName, multiple = false): RandomField {
  return { path, pool, multiple };
}

/** One field of each type, single and multiple. */
async function customFields(object: "LEAD" | "CONTACT"): Promise<RandomField[]> {
  const document = `mutation ($input: CreateCustomFieldInput!) { createCustomField(input: $input) { customField { id } userErrors { code message } } }`;
  const kinds = (Object.keys(POOLS) as PoolName[]).flatMap((pool) =>
    [false, true].map((multiple) => ({ pool, multiple })),
  );
  return Promise.all(
    kinds.map(async ({ pool, multiple }) => {
      const choices = pool === "CHOICE" ? POOLS.CHOICE : null;
      // Names, and so choices, are one whatever their case: what stands in a document may be older than a field.
      const input = { object, name: `${pool} ${multiple}`, type: pool, multiple, choices: choices && ["red", "blue"] };
      const { data } = await crm.graph(crm.people.admin, document, { input });
      const { customField } = data["createCustomField"] as { customField: { id: string } };
      return { path: `${object.toLowerCase()}.custom.${customField.id}`, pool, multiple };
    }),
  );
}

/** Values of a document's fields; some are empty. */
function customOf(object: "LEAD" | "CONTACT"): fc.Arbitrary<Record<string, unknown>> {
  const values = fields[object].flatMap(({ path, pool, multiple }): [string, fc.Arbitrary<unknown>][] => {
    if (!path.includes(".custom.")) return [];
    // A list may hold an empty text, and is not empty then.
    const one = fc.constantFrom<unknown>(...POOLS[pool], ...(multiple && pool === "TEXT" ? [""] : []));
    const id = path.split(".custom.")[1]!;
    return [[id, multiple ? fc.uniqueArray(one, { minLength: 1, maxLength: 3 }) : one]];
  });
  return fc.record(Object.fromEntries(values), { requiredKeys: [] });
}

function documents(): fc.Arbitrary<[Lead[], Contact[]]> {
  const text = fc.constantFrom(...POOLS.TEXT);
  const stamp = fc.constantFrom(...POOLS.DATETIME.slice(0, 5)).map((at) => new Date(at));
  const place = fc.record({ createdAt: stamp, updatedAt: stamp });
  const at = crm.clock.now();
  const { organizationId } = crm.scope;
  const own = fc.record({
    name: text,
    description: fc.option(text),
    url: fc.option(text),
    custom: customOf("LEAD"),
    place,
  });
  const person = fc.record({
    ...{ name: text, title: fc.option(text), custom: customOf("CONTACT"), place },
    emails: fc.uniqueArray(text, { maxLength: 3 }),
    phones: fc.uniqueArray(text, { maxLength: 3 }),
  });
  const statusId = catalog.leadStatuses[0]!._id;
  const one = fc.tuple(own, fc.array(person, { maxLength: 3 })).map(([{ place: times, ...rest }, people]) => {
    const id = newId(at);
    const itsContacts = people.map(({ place: stamps, phones, ...values }): Contact => {
      const numbers = phones.map((number) => ({ number, country: null }));
      const named = { _id: newId(at), organizationId, leadId: id, timeZone: null, searchTerms: [], version: 1 };
      return { ...named, ...values, phones: numbers, ...stamps };
    });
    const contactIds = itsContacts.map(({ _id }) => _id);
    const bare = { _id: id, organizationId, statusId, contactIds, searchTerms: [], contactTerms: [], version: 1 };
    return { lead: { ...bare, ...rest, ...times } satisfies Lead, itsContacts };
  });
  return fc
    .array(one, { minLength: LEADS, maxLength: LEADS })
    .map((made) => [made.map(({ lead }) => lead), made.flatMap(({ itsContacts }) => itsContacts)]);
}

const reading = () => ({ catalog, now: crm.clock.now(), path: ["where"] });
const nobody = { lead: null, contact: null, opportunity: null, event: null };
const idsOf = (found: readonly { _id: string }[]) => found.map(({ _id }) => _id).sort();

test("TRG-2: a lead filter finds exactly the leads that its condition holds for", { timeout: 120_000 }, async () => {
  let matched = 0;
  await fc.assert(
    fc.asyncProperty(conditionOver(fields.LEAD), async (condition: Condition) => {
      const where = leadWhere(condition, reading());
      const found = await crm.crm.stores.leads.page(crm.scope, { where }, { limit: 1000, after: null });
      const expected = leads.filter((lead) => {
        return evaluate(condition, { ...nobody, lead: leadView(lead, catalog) }, crm.clock.now());
      });
      expect(idsOf(found)).toEqual(idsOf(expected));
      if (found.length > 0 && found.length < LEADS) matched++;
    }),
    { numRuns: RUNS },
  );
  // Conditions that hold for all or none prove little.
  expect(matched).toBeGreaterThan(RUNS / 3);
});

test("TRG-2: a contact filter over contacts and their leads finds exactly those, in pages, scans and counts", {
  timeout: 120_000,
}, async () => {
  // Few enough leads for both ways: by the ids of the leads, and by a look at each contact's lead.
  const store = new ContactStore(crm.database, crm.crm.stores.leads, { maxLeads: LEADS / 4 });
  const byId = new Map(leads.map((lead) => [lead._id, leadView(lead, catalog)]));
  await fc.assert(
    fc.asyncProperty(conditionOver([...fields.CONTACT, ...fields.LEAD]), async (condition: Condition) => {
      const where = contactWhere(condition, reading());
      const expected = contacts.filter((contact) => {
        const subject = { ...nobody, contact: contactView(contact), lead: byId.get(contact.leadId)! };
        return evaluate(condition, subject, crm.clock.now());
      });
      const found = await store.page(crm.scope, { where }, { limit: 1000, after: null });
      expect(idsOf(found)).toEqual(idsOf(expected));
      const sample = idsOf(expected).slice(0, 5);
      const scanned = await store.scan(crm.scope, { where }, { limit: 5, afterId: null });
      expect(scanned.map(({ _id }) => _id)).toEqual(sample);
      expect(await store.count(crm.scope, { where })).toBe(expected.length);
    }),
    { numRuns: RUNS },
  );
});
