import { type ASTNode, type DocumentNode, type GraphQLError, Kind, visit } from "graphql";

/** graphql-js says where in a variable a malformed value stands only in its message: `at "input.contacts[0].name"; `. */
const PLACE_IN_VARIABLE = /^Variable "\$(\w+)" (?:got invalid value [\s\S]* at "([\w.[\]]+)"; |got invalid value |of )/;

/**
 * The path to a malformed value, from the field's arguments (literals) or from the variable; undefined where the error
 * is not about a value. `extensions.within` leads on inside a JSON value.
 */
export function inputPathOf(error: GraphQLError, document: DocumentNode | undefined): string[] | undefined {
  const place = PLACE_IN_VARIABLE.exec(error.message);
  const outer = place
    ? (place[2] ?? place[1]!).split(/[.[\]]+/).filter((part) => part !== "")
    : placeOfLiteral(error.nodes?.[0], document);
  const within =
    error.extensions["within"] ?? (error.originalError as GraphQLError | undefined)?.extensions?.["within"];
  return outer && Array.isArray(within) ? [...outer, ...(within as string[])] : outer;
}

function placeOfLiteral(node: ASTNode | undefined, document: DocumentNode | undefined): string[] | undefined {
  if (!node || !document) return undefined;
  let path: string[] | undefined;
  visit(document, {
    enter(candidate, _key, parent, _keys, ancestors) {
      if (path || candidate !== node) return;
      path = [];
      const line = [...ancestors, parent, candidate] as (ASTNode | readonly ASTNode[])[];
      for (const [i, step] of line.entries()) {
        if (Array.isArray(step)) {
          const list = line[i - 1] as ASTNode | undefined;
          if (list?.kind === Kind.LIST) path.push(String(step.indexOf(line[i + 1] as ASTNode)));
        } else if ("kind" in step && (step.kind === Kind.ARGUMENT || step.kind === Kind.OBJECT_FIELD))
          path.push(step.name.value);
      }
    },
  });
  return path && path.length > 0 ? path : undefined;
}
