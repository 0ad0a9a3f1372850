import { composeSupergraph } from "./compose-supergraph.ts";
import { readSubgraphs } from "./read-subgraphs.ts";
import { writeSchemaFile } from "./schema-files.ts";

const subgraphs = readSubgraphs();
const composed = composeSupergraph(subgraphs);
writeSchemaFile("supergraph", composed.supergraph);
writeSchemaFile("api", composed.api);
console.log(`Composed ${subgraphs.map(({ name }) => name).join(", ")}.`);
