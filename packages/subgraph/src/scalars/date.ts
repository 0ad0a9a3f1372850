import { GraphQLScalarType } from "graphql";
import { fromLiteral, malformed } from "./malformed.ts";

/** Whether `text` is a day that exists: 2026-02-30 is not. */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

function parse(value: unknown): string {
  if (typeof value !== "string" || !isCalendarDate(value)) throw malformed("a calendar date such as 2026-12-25");
  return value;
}

export const date = new GraphQLScalarType<string, string>({
  name: "Date",
  description: "Calendar date: 2026-12-25",
  serialize: parse,
  parseValue: parse,
  parseLiteral: fromLiteral(parse),
});
