import { badUserInput } from "@cadenza/subgraph";
import {
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  getNamedType,
  getOperationAST,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  print,
  type SelectionNode,
  valueFromASTUntyped,
} from "graphql";
import { LIVE_FIELDS, type LiveField } from "./live-fields.ts";

/** The query that shows what a subscription is about. */
export type LiveQuery = {
  field: LiveField;
  /** Id of the object as the caller gave it; "" where it gave none. */
  id: string;
  query: string;
  /** Under which key the object stands in the answer. */
  responseKey: string;
  /** Whether `VERSION_KEY` is asked for as well. */
  isVersioned: boolean;
};

/** Alias under which the object's version is asked for beside what the caller wants to see. */
export const VERSION_KEY = "cadenzaVersion";

/**
 * Turns a valid subscription into the query of the same object: `runUpdated(id: $id) { … }` into `run(id: $id) { … }`.
 * @throws BAD_USER_INPUT for a field that has no query.
 */
export function deriveQuery(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>>,
): LiveQuery {
  const operation = getOperationAST(document, operationName)!;
  const root = rootFieldOf(operation.selectionSet.selections, document.definitions);
  const field = root && LIVE_FIELDS[root.name.value];
  if (!root || !field) throw badUserInput("A subscription asks for one field that can be watched.", []);
  const responseKey = root.alias?.value ?? root.name.value;
  const isVersioned = hasVersion(schema, field.query);
  const argument = root.arguments?.find(({ name }) => name.value === field.argument.subscription);
  const id = argument ? valueFromASTUntyped(argument.value, withDefaults(operation, variables)) : undefined;
  const queried: FieldNode = {
    ...root,
    alias: { kind: Kind.NAME, value: responseKey },
    name: { kind: Kind.NAME, value: field.query },
    arguments: root.arguments?.map((given) =>
      given === argument ? { ...given, name: { kind: Kind.NAME, value: field.argument.query } } : given,
    ),
    selectionSet: root.selectionSet && {
      ...root.selectionSet,
      selections: [...root.selectionSet.selections, ...(isVersioned ? [VERSION_FIELD] : [])],
    },
  };
  const query: OperationDefinitionNode = {
    ...operation,
    operation: OperationTypeNode.QUERY,
    selectionSet: { kind: Kind.SELECTION_SET, selections: [queried] },
  };
  const fragments = document.definitions.filter(
    (definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION && definition.typeCondition.name.value !== "Subscription",
  );
  return {
    field,
    id: typeof id === "string" || typeof id === "number" ? String(id) : "",
    query: print({ kind: Kind.DOCUMENT, definitions: [query, ...fragments] }),
    responseKey,
    isVersioned,
  };
}

const VERSION_FIELD: FieldNode = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: VERSION_KEY },
  name: { kind: Kind.NAME, value: "version" },
};

/** The one root field, also where it stands in fragments. */
function rootFieldOf(
  selections: readonly SelectionNode[],
  definitions: readonly DefinitionNode[],
): FieldNode | undefined {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) return selection;
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : definitions.find(
            (definition) =>
              definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
          );
    const found =
      inner && "selectionSet" in inner && inner.selectionSet
        ? rootFieldOf(inner.selectionSet.selections, definitions)
        : undefined;
    if (found) return found;
  }
  return undefined;
}

function withDefaults(
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}

function hasVersion(schema: GraphQLSchema, queryField: string): boolean {
  const field = schema.getQueryType()?.getFields()[queryField];
  const type = field && getNamedType(field.type);
  return isObjectType(type) && "version" in type.getFields();
}
