import type { Catalog } from "../catalog/catalog.ts";
import type { ValueFacts } from "../custom-fields/check-value.ts";
import { type CustomFieldValueInput, readValues, withValues } from "../custom-fields/read-values.ts";
import type { NewContactInput } from "../contacts/read-contact.ts";
import { notFound, type Problem, problem } from "../values/problem.ts";
import { readLongText, readName } from "../values/text.ts";
import { readUrl } from "../values/url.ts";
import type { LeadFields } from "./lead.ts";

export type UpdateLeadInput = {
  name?: string | null;
  description?: string | null;
  url?: string | null;
  statusId?: string | null;
  customFields?: readonly CustomFieldValueInput[] | null;
};
export type CreateLeadInput = UpdateLeadInput & {
  name: string;
  contacts?: readonly NewContactInput[] | null;
  idempotencyKey?: string | null;
};

/** `before` with what the input sets; null for a lead that is new. What the input leaves out stays. */
export function readLead(
  input: UpdateLeadInput,
  before: LeadFields | null,
  facts: ValueFacts & { catalog: Catalog },
  path: readonly string[],
  problems: Problem[],
): LeadFields {
  const { name, description, url, customFields } = input;
  const at = (field: string) => [...path, field];
  const custom = readValues("LEAD", customFields, facts.catalog.fields, facts, at("customFields"), problems);
  return {
    name: name === undefined && before ? before.name : readName(name ?? null, at("name"), problems),
    description:
      description === undefined
        ? (before?.description ?? null)
        : readLongText(description, at("description"), problems),
    url: url === undefined ? (before?.url ?? null) : readUrl(url, at("url"), problems),
    statusId: readStatus(input.statusId, before, facts.catalog, at("statusId"), problems),
    custom: withValues(before?.custom ?? {}, custom),
  };
}

function readStatus(
  statusId: string | null | undefined,
  before: LeadFields | null,
  catalog: Catalog,
  path: readonly string[],
  problems: Problem[],
): string {
  const usual = before?.statusId ?? catalog.leadStatuses[0]?._id;
  if (statusId === undefined || (statusId === null && !before)) {
    if (usual !== undefined) return usual;
    problems.push(problem("REQUIRED", "The organization has no lead status. Create one first.", path));
    return "";
  }
  if (statusId === null) problems.push(problem("REQUIRED", "A lead has a status.", path));
  else if (!catalog.leadStatus(statusId)) problems.push(notFound("lead status", path));
  return statusId ?? "";
}
