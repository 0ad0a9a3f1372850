import { type ASTNode, type DocumentNode, type GraphQLError, Kind, visit } from "graphql";

/** graphql-js says where in a variable a malformed value stands only in its message: `at "input.contacts[0].name"; `. */
const PLACE_IN_VARIABLE = /^Variable "\$(\w+)" (?:got invalid value [\s\S]* at "([\w.[\]]+)"; |got invalid value |of )/;

/**
 * The path to a malformed value, from the arguments of the field it is given to; undefined where the error is not about a
 * value. A variable counts as what it is given as. `extensions.within` leads on inside a JSON value.
 */
export function inputPathOf(error: GraphQLError, document: DocumentNode | undefined): string[] | undefined {
  const place = PLACE_IN_VARIABLE.exec(error.message);
  const outer = place ? placeOfVariable(place, document) : placeOf((node) => node === error.nodes?.[0], document);
  const within =
    error.extensions["within"] ?? (error.originalError as GraphQLError | undefined)?.extensions?.["within"];
  return outer && Array.isArray(within) ? [...outer, ...(within as string[])] : outer;
}

function placeOfVariable([, variable, place]: RegExpExecArray, document: DocumentNode | undefined): string[] {
  const [name, ...inner] = (place ?? variable!).split(/[.[\]]+/).filter((part) => part !== "");
  const given = placeOf((node) => node.kind === Kind.VARIABLE && node.name.value === name, document);
  return [...(given ?? [name!]), ...inner];
}

/** Names of the arguments and fields, and indexes of the lists, around the first such node that stands in an argument. */
function placeOf(isMeant: (node: ASTNode) => boolean, document: DocumentNode | undefined): string[] | undefined {
  let found: string[] | undefined;
  if (!document) return found;
  visit(document, {
    enter(candidate, _key, parent, _keys, ancestors) {
      if (found || !isMeant(candidate)) return;
      const path: string[] = [];
      const line = [...ancestors, parent, candidate] as (ASTNode | readonly ASTNode[])[];
      for (const [i, step] of line.entries()) {
        if (Array.isArray(step)) {
          const list = line[i - 1] as ASTNode | undefined;
          if (list?.kind === Kind.LIST) path.push(String(step.indexOf(line[i + 1] as ASTNode)));
        } else if (step && "kind" in step && (step.kind === Kind.ARGUMENT || step.kind === Kind.OBJECT_FIELD))
          path.push(step.name.value);
      }
      if (path.length > 0) found = path;
    },
  });
  return found;
}
