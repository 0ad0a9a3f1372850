import {
  concatAST,
  type DefinitionNode,
  type DocumentNode,
  isTypeDefinitionNode,
  Kind,
  parse,
  print,
  visit,
} from "graphql";
import { scalarTypeDefs } from "../scalars/index.ts";
import { sharedTypeDefs } from "./shared-type-defs.ts";

const FEDERATION = parse(
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: [
    "@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible", "@interfaceObject", "@tag"])`,
  { noLocation: true },
);
const OFFERED = new Map(
  parse(`${scalarTypeDefs}\n${sharedTypeDefs}`, { noLocation: true })
    .definitions.filter(isTypeDefinitionNode)
    .map((definition) => [definition.name.value, definition]),
);

/**
 * A subgraph's whole schema from what its folders declare: the federation link in the one version of the house, and the
 * scalars and shared types that are used but not defined.
 */
export function completeTypeDefs(typeDefs: DocumentNode | readonly (string | DocumentNode)[]): DocumentNode {
  const documents =
    "kind" in typeDefs ? [typeDefs] : typeDefs.map((part) => (typeof part === "string" ? parse(part) : part));
  const own = concatAST(documents).definitions.filter((definition) => !isFederationLink(definition));
  return { kind: Kind.DOCUMENT, definitions: [...FEDERATION.definitions, ...own, ...missingFrom(own)] };
}

function missingFrom(own: readonly DefinitionNode[]): DefinitionNode[] {
  const present = new Set(own.filter(isTypeDefinitionNode).map((definition) => definition.name.value));
  const added: DefinitionNode[] = [];
  const lookAt = (definition: DefinitionNode): void => {
    visit(definition, {
      NamedType({ name }) {
        const offered = OFFERED.get(name.value);
        if (!offered || present.has(name.value)) return;
        present.add(name.value);
        added.push(offered);
        lookAt(offered);
      },
    });
  };
  own.forEach(lookAt);
  return added;
}

function isFederationLink(definition: DefinitionNode): boolean {
  if (definition.kind !== Kind.SCHEMA_EXTENSION) return false;
  return (definition.directives ?? []).some(
    (directive) => directive.name.value === "link" && print(directive).includes("specs.apollo.dev/federation/"),
  );
}
