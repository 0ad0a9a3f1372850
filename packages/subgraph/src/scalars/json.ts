import { GraphQLError, GraphQLScalarType, valueFromASTUntyped } from "graphql";
import { jsonFault } from "../input/check-json.ts";
import { fromLiteral } from "./malformed.ts";

function parse(value: unknown): unknown {
  const fault = jsonFault(value);
  if (fault)
    throw new GraphQLError(fault.message, {
      extensions: { code: "BAD_USER_INPUT", malformed: true, within: fault.path },
    });
  return value;
}

export const json = new GraphQLScalarType<unknown, unknown>({
  name: "JSON",
  serialize: (value) => value,
  parseValue: parse,
  parseLiteral: fromLiteral(parse, (node, variables) => plain(valueFromASTUntyped(node, variables))),
});

/** graphql-js builds literals as objects without a prototype, which the driver and `structuredClone` treat differently. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
