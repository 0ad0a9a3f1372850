import { Decimal } from "decimal.js";
import type { Catalog } from "../catalog/catalog.ts";
import type { ValueFacts } from "../custom-fields/check-value.ts";
import { type CustomFieldValueInput, readValues, withValues } from "../custom-fields/read-values.ts";
import { notFound, type Problem, problem } from "../values/problem.ts";
import { readLongText } from "../values/text.ts";
import type { Money, OpportunityFields, OpportunityPeriod } from "./opportunity.ts";

export type UpdateOpportunityInput = {
  contactId?: string | null;
  userId?: string | null;
  statusId?: string | null;
  value?: Money | null;
  period?: OpportunityPeriod | null;
  confidence?: number | null;
  expectedCloseDate?: string | null;
  note?: string | null;
  customFields?: readonly CustomFieldValueInput[] | null;
};
export type CreateOpportunityInput = UpdateOpportunityInput & { leadId: string; idempotencyKey?: string | null };

export type OpportunityFacts = ValueFacts & {
  catalog: Catalog;
  /** The contacts of the opportunity's lead. */
  contactIds: readonly string[];
};

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** `before` with what the input sets; null for an opportunity that is new. What the input leaves out stays. */
export function readOpportunity(
  input: UpdateOpportunityInput,
  before: OpportunityFields | null,
  facts: OpportunityFacts,
  problems: Problem[],
): OpportunityFields {
  const path = ["input"];
  const { contactId, userId, value, period, confidence, expectedCloseDate, note, customFields } = input;
  if (typeof contactId === "string" && !facts.contactIds.includes(contactId)) {
    problems.push(problem("NOT_FOUND", "The lead has no contact with this id.", [...path, "contactId"]));
  }
  if (typeof userId === "string" && !facts.userIds.has(userId)) problems.push(notFound("user", [...path, "userId"]));
  if (typeof confidence === "number" && (confidence < 0 || confidence > 100)) {
    problems.push(problem("INVALID_VALUE", "A confidence is from 0 to 100.", [...path, "confidence"]));
  }
  const custom = readValues(
    "OPPORTUNITY",
    customFields,
    facts.catalog.fields,
    facts,
    [...path, "customFields"],
    problems,
  );
  return {
    contactId: contactId === undefined ? (before?.contactId ?? null) : contactId,
    userId: userId === undefined ? (before?.userId ?? null) : userId,
    statusId: readStatus(input.statusId, before, facts.catalog, [...path, "statusId"], problems),
    value: value === undefined ? (before?.value ?? null) : readMoney(value, [...path, "value"], problems),
    period: period ?? before?.period ?? "ONE_TIME",
    confidence: confidence === undefined ? (before?.confidence ?? null) : confidence,
    expectedCloseDate: expectedCloseDate === undefined ? (before?.expectedCloseDate ?? null) : expectedCloseDate,
    note: note === undefined ? (before?.note ?? null) : readLongText(note, [...path, "note"], problems),
    custom: withValues(before?.custom ?? {}, custom),
  };
}

function readMoney(money: Money | null, path: readonly string[], problems: Problem[]): Money | null {
  if (money === null) return null;
  const currency = money.currency.toUpperCase();
  if (!CURRENCIES.has(currency)) {
    const message = "This is not a currency's code (ISO 4217), such as EUR.";
    problems.push(problem("INVALID_VALUE", message, [...path, "currency"]));
  }
  // Without an exponent, whatever its size; an exact decimal has one spelling.
  return { amount: new Decimal(money.amount).toFixed(), currency };
}

function readStatus(
  statusId: string | null | undefined,
  before: OpportunityFields | null,
  catalog: Catalog,
  path: readonly string[],
  problems: Problem[],
): string {
  const usual = before?.statusId ?? catalog.opportunityStatuses[0]?._id;
  if (statusId === undefined || (statusId === null && !before)) {
    if (usual !== undefined) return usual;
    problems.push(problem("REQUIRED", "The organization has no opportunity status. Create one first.", path));
    return "";
  }
  if (statusId === null) problems.push(problem("REQUIRED", "An opportunity has a status.", path));
  else if (!catalog.opportunityStatus(statusId)) problems.push(notFound("opportunity status", path));
  return statusId ?? "";
}
