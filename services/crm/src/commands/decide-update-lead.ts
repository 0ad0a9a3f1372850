import type {
  ContactView,
  CrmChange,
  OpportunityView,
  OrganizationView,
  Reason,
  StepResult,
  UpdateLeadCommand,
  UserView,
} from "@cadenza/contracts";
import { renderTemplate, subjectVariables } from "@cadenza/templating";
import { crmChange } from "../changes/crm-change.ts";
import type { CustomField } from "../custom-fields/custom-field.ts";
import { fieldsOfLead, type Lead, leadChange, leadSearchTerms } from "../leads/lead.ts";
import { diff } from "../changes/diff.ts";
import { leadView } from "../rpc/views.ts";
import {
  type Assigned,
  type AssignmentFacts,
  assign,
  isEmptyField,
  WANTED_CATALOG,
  type Wanted,
} from "./lead-assignment.ts";

/** What templates may speak of; null where no template of the batch needs it. */
export type TemplateFacts = {
  organization: OrganizationView | null;
  contacts: ReadonlyMap<string, ContactView>;
  opportunities: ReadonlyMap<string, OpportunityView>;
  users: ReadonlyMap<string, UserView>;
};

export type BatchFacts = Omit<AssignmentFacts, "fields"> & {
  leads: ReadonlyMap<string, Lead>;
  templates: TemplateFacts;
  /** By the domain's clock. */
  now: Date;
};

export type BatchDecision =
  | { kind: "wanted"; wanted: Wanted }
  | {
      kind: "decided";
      results: StepResult[];
      /** Each lead that differs, as it was read and as it shall be. */
      pairs: { before: Lead; after: Lead }[];
      /** One for each command that changed something. */
      changes: CrmChange[];
      /** Fields that have more choices than before. */
      fields: CustomField[];
    };

/** What a batch of Update Lead commands of one organization does, item after item. Pure: what is not known is asked for. */
export function decideUpdateLead(commands: readonly UpdateLeadCommand[], facts: BatchFacts): BatchDecision {
  const leads = new Map(facts.leads);
  const fields = new Map(facts.catalog.fields);
  const grown = new Map<string, CustomField>();
  const wanted: Wanted = { catalog: false, userWords: [] };
  const results: StepResult[] = [];
  const changes: CrmChange[] = [];
  for (const command of commands) {
    const before = leads.get(command.leadId);
    const outcome = before ? setFields(command, before, { ...facts, fields }) : GONE;
    if (outcome.kind === "wanted") {
      wanted.catalog ||= outcome.wanted.catalog;
      wanted.userWords.push(...outcome.wanted.userWords);
    } else if (outcome.kind === "error") results.push(failed(command, outcome.reason, facts.now));
    else {
      const after = nextVersion(before!, outcome.lead, facts.now);
      for (const field of outcome.fields) {
        fields.set(field._id, field);
        grown.set(field._id, field);
      }
      leads.set(command.leadId, after);
      const change = after === before ? null : changeOf(command, before!, after, facts.now);
      if (change) changes.push(change);
      results.push(done(command, change, facts.now));
    }
  }
  if (wanted.catalog || wanted.userWords.length > 0) return { kind: "wanted", wanted };
  const pairs = [...facts.leads.values()]
    .map((before) => ({ before, after: leads.get(before._id)! }))
    .filter(({ before, after }) => before !== after);
  return { kind: "decided", results, pairs, changes, fields: [...grown.values()] };
}

type FieldsSet = { kind: "set"; lead: Lead; fields: CustomField[] } | Exclude<Assigned, { kind: "set" }>;

/** All fields of one command, or none of them (LEAD-3). */
function setFields(command: UpdateLeadCommand, before: Lead, facts: BatchFacts & AssignmentFacts): FieldsSet {
  const { addMissingChoices } = command;
  let lead = before;
  let fields = facts.fields;
  const grown: CustomField[] = [];
  for (const assignment of command.fields) {
    if (!command.overwrite && !isEmptyField(before, assignment.field)) continue;
    const { template } = assignment;
    const rendered = template === null ? null : render(template, command, before, facts);
    // What is missing may be a field that was created in the last seconds.
    if (rendered && !rendered.ok && !facts.isCatalogFresh) return WANTED_CATALOG;
    if (rendered && !rendered.ok) return { kind: "error", reason: rendered.reason };
    const options = { text: rendered?.text ?? null, addMissingChoices };
    const assigned = assign(lead, assignment, options, { ...facts, fields });
    if (assigned.kind !== "set") return assigned;
    lead = assigned.lead;
    if (!assigned.field) continue;
    grown.push(assigned.field);
    fields = new Map([...fields, [assigned.field._id, assigned.field]]);
  }
  return { kind: "set", lead, fields: grown };
}

function render(template: string, command: UpdateLeadCommand, lead: Lead, { templates, catalog }: BatchFacts) {
  const { organization, contacts, opportunities, users } = templates;
  if (!organization) throw new Error("A template is rendered without its organization.");
  const variables = subjectVariables({
    organization,
    lead: leadView(lead, catalog),
    contact: contacts.get(command.contactId) ?? null,
    opportunity: command.opportunityId === null ? null : (opportunities.get(command.opportunityId) ?? null),
    sender: users.get(command.creatorOrEnrollingUserId) ?? null,
    event: command.event,
  });
  const { timeZone } = organization;
  return renderTemplate(template, variables, { format: "value", now: command.at, timeZone, maxOutput: 10_000 });
}

/** The same lead where nothing differs, so that no event and no version come of it (CRM-3). */
function nextVersion(before: Lead, set: Lead, at: Date): Lead {
  if (set === before || !diff(fieldsOfLead(before), fieldsOfLead(set))) return before;
  const searchTerms = set.name === before.name ? before.searchTerms : leadSearchTerms(set.name, set.contactTerms);
  return { ...set, searchTerms, version: before.version + 1, updatedAt: at };
}

function changeOf(command: UpdateLeadCommand, before: Lead, after: Lead, at: Date): CrmChange | null {
  const { workflowId, runId, causation } = command;
  const actor = { kind: "SYSTEM", id: null, label: "Workflow" } as const;
  return crmChange(leadChange(before, after), { actor, causation: { ...causation, workflowId, runId }, at });
}

const GONE: FieldsSet = {
  kind: "error",
  reason: { code: "SUBJECT_DELETED", message: "The lead does not exist any more." },
};

function done(command: UpdateLeadCommand, change: CrmChange | null, at: Date): StepResult {
  const changes = Object.keys(change?.after ?? {}).map((field) => ({
    field,
    before: change!.before[field],
    after: change!.after[field],
  }));
  return { ...answerTo(command, at), outcome: "DONE", reason: null, changes };
}

function failed(command: UpdateLeadCommand, reason: Reason, at: Date): StepResult {
  return { ...answerTo(command, at), outcome: "ERROR", reason, changes: null };
}

function answerTo({ key, runId, stepId, attempt }: UpdateLeadCommand, at: Date) {
  return { key, runId, stepId, attempt, messageId: null, taskId: null, at };
}
