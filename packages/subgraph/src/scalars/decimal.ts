import { GraphQLScalarType } from "graphql";
import { fromLiteral, malformed } from "./malformed.ts";

/** As many as MongoDB's Decimal128 keeps exactly, less room for sums. */
const MAX_DIGITS = 30;

function parse(value: unknown): string {
  const isDecimal = typeof value === "string" && value.length <= MAX_DIGITS + 2 && /^-?\d+(?:\.\d+)?$/.test(value);
  if (!isDecimal || value.replace(/\D/g, "").length > MAX_DIGITS) {
    throw malformed(`a decimal number as a string of at most ${MAX_DIGITS} digits, such as "1999.99"`);
  }
  return value;
}

export const decimal = new GraphQLScalarType<string, string>({
  name: "Decimal",
  description: 'Exact decimal as a string: "1999.99"',
  serialize: (value) => String(value),
  parseValue: parse,
  parseLiteral: fromLiteral(parse),
});
