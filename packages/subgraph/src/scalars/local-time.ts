import { GraphQLScalarType } from "graphql";
import { fromLiteral, malformed } from "./malformed.ts";

function parse(value: unknown): string {
  if (typeof value !== "string" || !/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.test(value)) {
    throw malformed("a local time of day from 00:00 to 24:00, such as 09:00");
  }
  return value;
}

export const localTime = new GraphQLScalarType<string, string>({
  name: "LocalTime",
  description: "Local time of day, 24 hours: 09:00; 24:00 is the end of the day",
  serialize: parse,
  parseValue: parse,
  parseLiteral: fromLiteral(parse),
});
