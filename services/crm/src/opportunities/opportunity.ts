import type { TenantDocument } from "@cadenza/storage";
import type { ChangedObject } from "../changes/crm-change.ts";
import { customFieldsOf, type Fields } from "../changes/diff.ts";
import type { CustomValues } from "../custom-fields/custom-field.ts";

export type OpportunityPeriod = "ONE_TIME" | "MONTHLY" | "ANNUAL";
/** `amount` is an exact decimal, `currency` ISO 4217. */
export type Money = { amount: string; currency: string };

export type Opportunity = TenantDocument & {
  leadId: string;
  contactId: string | null;
  userId: string | null;
  statusId: string;
  value: Money | null;
  period: OpportunityPeriod;
  /** 0 to 100. */
  confidence: number | null;
  /** `YYYY-MM-DD`. */
  expectedCloseDate: string | null;
  note: string | null;
  custom: CustomValues;
  version: number;
  createdAt: Date;
  updatedAt: Date;
};

/** What a caller may set of an opportunity. */
export type OpportunityFields = Pick<
  Opportunity,
  "contactId" | "userId" | "statusId" | "value" | "period" | "confidence" | "expectedCloseDate" | "note" | "custom"
>;

export function fieldsOfOpportunity(opportunity: OpportunityFields): Fields {
  const { contactId, userId, statusId, value, period, confidence, expectedCloseDate, note } = opportunity;
  return {
    contact: contactId,
    user: userId,
    status: statusId,
    value,
    period,
    confidence,
    expectedCloseDate,
    note,
    ...customFieldsOf(opportunity.custom),
  };
}

/** @param before null for an opportunity that is new; `after` null for one that is gone. */
export function opportunityChange(before: Opportunity | null, after: Opportunity | null): ChangedObject {
  const opportunity = (after ?? before)!;
  return {
    object: "OPPORTUNITY",
    id: opportunity._id,
    leadId: opportunity.leadId,
    contactId: opportunity.contactId,
    version: after ? after.version : opportunity.version + 1,
    before: before && fieldsOfOpportunity(before),
    after: after && fieldsOfOpportunity(after),
  };
}
