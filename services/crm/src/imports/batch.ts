import { derivedId } from "@cadenza/platform";
import type { Catalog } from "../catalog/catalog.ts";
import type { CrmTransaction } from "../changes/crm-writer.ts";
import { type Contact, contactChange, newContact, termsOfContacts } from "../contacts/contact.ts";
import { type ReadingFacts, readContact } from "../contacts/read-contact.ts";
import type { ContactStore } from "../contacts/store.ts";
import type { UserNames } from "../custom-fields/read-value.ts";
import { userIdsOf } from "../custom-fields/read-values.ts";
import { type Lead, leadChange, leadSearchTerms, newLead } from "../leads/lead.ts";
import { type CreateLeadInput, readLead } from "../leads/read-lead.ts";
import type { LeadStore } from "../leads/store.ts";
import type { OrganizationStore } from "../organizations/store.ts";
import type { UserStore } from "../users/store.ts";
import { MAX_CONTACTS_PER_LEAD } from "../values/limits.ts";
import type { Outcome, Problem } from "../values/problem.ts";
import type { Column } from "./csv-columns.ts";
import type { ImportJob, RowError } from "./import-job.ts";
import { leadInputOfCells, leadInputOfJson, userWordsInCells } from "./lead-input.ts";
import type { RawRow } from "./rows.ts";

export type BatchStores = {
  leads: LeadStore;
  contacts: ContactStore;
  organizations: OrganizationStore;
  users: UserStore;
};

/** A lead that rows of a batch make or add to. */
type Target = { before: Lead | null; lead: Lead; contacts: Contact[] };

/**
 * Imports some rows in one transaction; bad ones are left out and told. Ids follow from the job and the row, so that a
 * later batch finds the lead that an earlier one began.
 * @param columns of a CSV; of no use for JSON lines.
 */
export async function importBatch(
  transaction: CrmTransaction,
  job: ImportJob,
  rows: readonly RawRow[],
  context: { catalog: Catalog; columns: readonly Column[]; stores: BatchStores },
): Promise<RowError[]> {
  const { scope, session } = transaction;
  const { stores, catalog } = context;
  const { inputs, facts } = await readInputs(transaction, rows, context);
  const ids = inputs.map((input, index) => leadIdOf(job, rows[index]!, input));
  const existing = job.format === "CSV" ? await stores.leads.findByIds(scope, ids, session) : [];
  const targets = new Map<string, Target>();
  for (const lead of existing) if (lead) targets.set(lead._id, { before: lead, lead, contacts: [] });

  const errors: RowError[] = [];
  for (const [index, input] of inputs.entries()) {
    const row = rows[index]!;
    const problems: Problem[] = input.ok ? [] : [...input.problems];
    const addition = input.ok ? readAddition(input.value, { ...facts, catalog }, problems) : null;
    const target = targets.get(ids[index]!);
    const count = (target?.lead.contactIds.length ?? 0) + (addition?.contacts.length ?? 0);
    if (count > MAX_CONTACTS_PER_LEAD) {
      problems.push({ code: "TOO_MANY", message: `A lead has at most ${MAX_CONTACTS_PER_LEAD} contacts.`, path: [] });
    }
    if (!addition || problems.length > 0) errors.push({ line: row.line, message: messageOf(problems) });
    else targets.set(ids[index]!, withAddition(transaction, job, row, ids[index]!, target, addition));
  }
  await writeTargets(transaction, stores, [...targets.values()]);
  return errors;
}

async function readInputs(
  { scope, session }: CrmTransaction,
  rows: readonly RawRow[],
  { catalog, columns, stores }: { catalog: Catalog; columns: readonly Column[]; stores: BatchStores },
): Promise<{ inputs: Outcome<CreateLeadInput>[]; facts: Omit<ReadingFacts, "catalog"> }> {
  const organization = await stores.organizations.find(scope, session);
  const words = rows.flatMap((row) => ("cells" in row ? userWordsInCells(row.cells, columns) : []));
  const known = await stores.users.idsByWord(scope, words, session);
  const users: UserNames = { idOf: (text) => known.get(text) ?? known.get(text.toLowerCase()) ?? null };
  const inputs = rows.map((row) =>
    "cells" in row ? leadInputOfCells(row.cells, columns, catalog, users) : leadInputOfJson(row.json),
  );
  const named = inputs.flatMap((input) => (input.ok ? userIdsOfLead(input.value, catalog) : []));
  const userIds = await stores.users.existing(scope, named, session);
  return { inputs, facts: { userIds, country: organization?.country ?? "US" } };
}

function userIdsOfLead(input: CreateLeadInput, catalog: Catalog): string[] {
  return [input, ...(input.contacts ?? [])].flatMap(({ customFields }) => userIdsOf(customFields, catalog.fields));
}

function leadIdOf(job: ImportJob, { line }: RawRow, input: Outcome<CreateLeadInput>): string {
  if (!input.ok || job.format === "JSONL") return derivedId(job.startedAt, job._id, "line", String(line));
  return derivedId(job.startedAt, job._id, "lead", input.value.name, input.value.url ?? "");
}

type Addition = { fields: ReturnType<typeof readLead>; contacts: ReturnType<typeof readContact>[] };

function readAddition(input: CreateLeadInput, facts: ReadingFacts, problems: Problem[]): Addition {
  const fields = readLead(input, null, facts, [], problems);
  const contacts = (input.contacts ?? []).map((contact, index) =>
    readContact(contact, null, facts, ["contacts", String(index)], problems),
  );
  return { fields, contacts };
}

function withAddition(
  { scope, at }: CrmTransaction,
  job: ImportJob,
  { line }: RawRow,
  leadId: string,
  target: Target | undefined,
  addition: Addition,
): Target {
  const place = { organizationId: scope.organizationId, at };
  const contacts = addition.contacts.map((fields, index) => {
    const _id = derivedId(job.startedAt, job._id, "contact", String(line), String(index));
    return newContact(fields, { ...place, _id, leadId });
  });
  const begun: Target = target ?? {
    before: null,
    lead: newLead(addition.fields, { ...place, _id: leadId, contactIds: [], contactTerms: [] }),
    contacts: [],
  };
  const contactIds = [...begun.lead.contactIds, ...contacts.map(({ _id }) => _id)];
  const contactTerms = termsOfContacts([{ searchTerms: begun.lead.contactTerms }, ...contacts]);
  const searchTerms = leadSearchTerms(begun.lead.name, contactTerms);
  const lead = { ...begun.lead, contactIds, contactTerms, searchTerms };
  return { before: begun.before, lead, contacts: [...begun.contacts, ...contacts] };
}

async function writeTargets(
  transaction: CrmTransaction,
  stores: BatchStores,
  targets: readonly Target[],
): Promise<void> {
  const { scope, session } = transaction;
  const made = targets.filter(({ before }) => before === null).map(({ lead }) => lead);
  const contacts = targets.flatMap((target) => target.contacts);
  const grown = targets.filter((target) => target.before !== null && target.contacts.length > 0);
  await stores.leads.collection.insertMany(scope, made, session);
  await stores.contacts.collection.insertMany(scope, contacts, session);
  const pairs = grown.map(({ before, lead }) => ({ before: before!, after: lead }));
  if (pairs.length > 0) await transaction.update(stores.leads.collection, pairs);
  transaction.changed(
    ...made.map((lead) => leadChange(null, lead)),
    ...contacts.map((contact) => contactChange(null, contact)),
  );
}

const MAX_MESSAGE = 300;

function messageOf(problems: readonly Problem[]): string {
  const text = problems
    .map(({ path, message }) => (path.length > 0 ? `${path.join(".")}: ${message}` : message))
    .join(" ");
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
