import type { CustomFieldView } from "@cadenza/contracts";
import { CHECKS, type ValueCheck } from "./value-checks.ts";

/** What a step may set a field to. */
export type SettableField = {
  /** As in "a lead's name". */
  label: string;
  check: ValueCheck;
  /** Whether it is never empty. */
  required: boolean;
  multiple: boolean;
  /** Whether AI may find the value (LEAD-2): not where it is a reference. */
  aiEnrich: boolean;
};

const standard = (label: string, check: ValueCheck, options: { required?: boolean; aiEnrich?: boolean } = {}) => {
  const { required = false, aiEnrich = false } = options;
  return { label, check, required, aiEnrich, multiple: false };
};

const leadStatus = standard("a lead's status", CHECKS.leadStatus, { required: true });
const opportunityStatus = standard("an opportunity's status", CHECKS.opportunityStatus, { required: true });
const contact = standard("an opportunity's contact", CHECKS.contact);
const user = standard("an opportunity's user", CHECKS.user);

/** The fields that a step may set besides custom ones, named as in the graph: as they are shown, and as inputs have them. */
export const STANDARD_FIELDS: Record<"LEAD" | "OPPORTUNITY", Readonly<Record<string, SettableField>>> = {
  LEAD: {
    name: standard("a lead's name", CHECKS.text, { required: true, aiEnrich: true }),
    description: standard("a lead's description", CHECKS.text, { aiEnrich: true }),
    url: standard("a lead's url", CHECKS.url, { aiEnrich: true }),
    status: leadStatus,
    statusId: leadStatus,
  },
  OPPORTUNITY: {
    status: opportunityStatus,
    statusId: opportunityStatus,
    value: standard("an opportunity's value", CHECKS.decimal),
    currency: standard("an opportunity's currency", CHECKS.currency),
    period: standard("an opportunity's period", CHECKS.period, { required: true }),
    confidence: standard("an opportunity's confidence", CHECKS.percentage),
    expectedCloseDate: standard("an opportunity's expected close date", CHECKS.date),
    note: standard("an opportunity's note", CHECKS.text),
    contact,
    contactId: contact,
    user,
    userId: user,
  },
};

const CUSTOM: Record<CustomFieldView["type"], { check: ValueCheck; aiEnrich: boolean }> = {
  TEXT: { check: CHECKS.text, aiEnrich: true },
  NUMBER: { check: CHECKS.number, aiEnrich: true },
  DATE: { check: CHECKS.date, aiEnrich: true },
  DATETIME: { check: CHECKS.instant, aiEnrich: true },
  // Which choices there are is looked up when the step is processed: until then some may be added (LEAD-1).
  CHOICE: { check: CHECKS.text, aiEnrich: true },
  USER: { check: CHECKS.user, aiEnrich: false },
  URL: { check: CHECKS.url, aiEnrich: true },
};

export function settableCustomField({ name, type, multiple }: CustomFieldView): SettableField {
  return { label: `the field "${name}"`, required: false, multiple, ...CUSTOM[type] };
}
