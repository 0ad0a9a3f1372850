import { GraphQLError, type ValueNode, valueFromASTUntyped } from "graphql";

/** A value that its scalar does not admit. Where it stands is added by `input-path.ts`, which sees the whole request. */
export function malformed(expected: string): GraphQLError {
  return new GraphQLError(`Expected ${expected}.`, { extensions: { code: "BAD_USER_INPUT", malformed: true } });
}

/** A scalar's `parseLiteral`; its refusal points at the literal. */
export function fromLiteral<T>(
  parse: (value: unknown) => T,
  read: (node: ValueNode, variables?: Record<string, unknown> | null) => unknown = valueFromASTUntyped,
): (node: ValueNode, variables?: Record<string, unknown> | null) => T {
  return (node, variables) => {
    try {
      return parse(read(node, variables));
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      throw new GraphQLError(error.message, { nodes: node, extensions: error.extensions });
    }
  };
}
