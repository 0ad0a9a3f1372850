import { GraphQLScalarType } from "graphql";
import { fromLiteral, malformed } from "./malformed.ts";

/** Names that were asked for before, with the answer; what is not a zone is bounded by its length and by the size. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 2000;
const SHAPE = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/;

function isZone(name: string): boolean {
  const before = known.get(name);
  if (before !== undefined) return before;
  const answer = name.length <= 64 && SHAPE.test(name) && isKnownToIntl(name);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(name, answer);
  return answer;
}

function isKnownToIntl(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function parse(value: unknown): string {
  if (typeof value !== "string" || !isZone(value)) throw malformed("an IANA zone name such as Europe/Berlin");
  return value;
}

export const timeZone = new GraphQLScalarType<string, string>({
  name: "TimeZone",
  description: "IANA zone name: Europe/Berlin",
  serialize: (value) => String(value),
  parseValue: parse,
  parseLiteral: fromLiteral(parse),
});
