import { GraphQLScalarType } from "graphql";
import { isCalendarDate } from "./date.ts";
import { fromLiteral, malformed } from "./malformed.ts";

/** RFC 3339 section 5.6; a space instead of the T is not admitted. */
const INSTANT =
  /^(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d{1,9}))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

function parse(value: unknown): Date {
  const parts = typeof value === "string" ? INSTANT.exec(value) : null;
  if (!parts || !isCalendarDate(parts[1]!)) throw malformed("an RFC 3339 instant such as 2026-11-23T09:30:00.000Z");
  const [, date, hours, minutes, seconds, fraction = "", zone] = parts;
  // A leap second is the first instant of the next minute: JavaScript's time has no 60th second.
  const isLeap = seconds === "60";
  const at = new Date(
    `${date}T${hours}:${minutes}:${isLeap ? "59" : seconds}.${fraction.slice(0, 3).padEnd(3, "0")}${zone!.toUpperCase()}`,
  );
  return isLeap ? new Date(at.getTime() + 1000) : at;
}

/** In: any RFC 3339 instant, given to resolvers as a `Date`. Out: UTC with milliseconds. */
export const dateTime = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  description: "RFC 3339 instant in UTC, milliseconds: 2026-11-23T09:30:00.000Z",
  serialize: (value) => (value instanceof Date ? value : parse(value)).toISOString(),
  parseValue: parse,
  parseLiteral: fromLiteral(parse),
});
