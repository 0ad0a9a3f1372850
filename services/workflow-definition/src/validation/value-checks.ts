import { isId } from "@cadenza/platform";
import type { References } from "./references.ts";

/** What is wrong with a static value; null where nothing is. */
type ValueFault = { code: string; message: string };
export type ValueCheck = (value: unknown, references: References) => ValueFault | null;

const DATE = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;
const DECIMAL = /^-?\d{1,30}(?:\.\d{1,30})?$/;
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));
const PERIODS: readonly unknown[] = ["ONE_TIME", "MONTHLY", "ANNUAL"];

const isText = (value: unknown): value is string => typeof value === "string";

const isDate = (value: unknown): boolean => {
  if (!isText(value) || !DATE.test(value)) return false;
  const at = new Date(`${value}T00:00:00.000Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
};

const isInstant = (value: unknown): boolean =>
  isText(value) && isDate(INSTANT.exec(value)?.[1]) && !Number.isNaN(Date.parse(value));

const isWebUrl = (value: unknown): boolean => isText(value) && /^https?:\/\/\S+$/i.test(value) && URL.canParse(value);

/** A check of the form alone. @param expected as in "takes a text". */
const formed =
  (expected: string, fits: (value: unknown) => boolean): ValueCheck =>
  (value) =>
    fits(value) ? null : { code: "VALUE_WRONG_TYPE", message: `takes ${expected}` };

/** An id must exist; what is no id is a name, which is looked up when the step is processed. */
const status =
  (code: string, what: string, known: (references: References) => ReadonlySet<string>): ValueCheck =>
  (value, references) => {
    if (!isText(value)) return { code: "VALUE_WRONG_TYPE", message: `takes the id or the name of ${what}` };
    if (!isId(value) || known(references).has(value)) return null;
    return { code, message: `names ${what} that does not exist: ${value}` };
  };

/** A user's id, or an address, which is looked up when the step is processed. */
const user: ValueCheck = (value, { users }) => {
  if (!isText(value)) return { code: "VALUE_WRONG_TYPE", message: "takes the id of a user" };
  if (value.includes("@")) return null;
  const found = users.get(value);
  if (!found) return { code: "USER_NOT_FOUND", message: `names a user who does not exist: ${value.slice(0, 100)}` };
  return found === "ACTIVE" ? null : { code: "USER_DEACTIVATED", message: `names a user who is deactivated: ${value}` };
};

export const CHECKS = {
  text: formed("a text", isText),
  number: formed("a number", (value) => typeof value === "number" && Number.isFinite(value)),
  decimal: formed(
    'a number, exact as in "1999.99"',
    (value) => (typeof value === "number" && Number.isFinite(value)) || (isText(value) && DECIMAL.test(value)),
  ),
  percentage: formed(
    "a whole number from 0 to 100",
    (value) => typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 100,
  ),
  date: formed("a date such as 2026-12-24", isDate),
  instant: formed("an instant such as 2026-12-24T09:30:00Z", isInstant),
  url: formed("an address that begins with http:// or https://", isWebUrl),
  currency: formed("a currency's code (ISO 4217) such as EUR", (value) => isText(value) && CURRENCIES.has(value)),
  period: formed("ONE_TIME, MONTHLY or ANNUAL", (value) => PERIODS.includes(value)),
  contact: formed("the id of a contact", isText),
  user,
  leadStatus: status("LEAD_STATUS_NOT_FOUND", "a lead status", (references) => references.leadStatusIds),
  opportunityStatus: status(
    "OPPORTUNITY_STATUS_NOT_FOUND",
    "an opportunity status",
    (references) => references.opportunityStatusIds,
  ),
} as const satisfies Record<string, ValueCheck>;
