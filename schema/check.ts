import { composeSupergraph } from "./compose-supergraph.ts";
import { contractChanges } from "./contract-changes.ts";
import { readSubgraphs } from "./read-subgraphs.ts";
import { readSchemaFile } from "./schema-files.ts";

const composed = composeSupergraph(readSubgraphs());
const { differs, missing } = contractChanges(readSchemaFile("contract"), composed.api);
const stale = (["supergraph", "api"] as const).filter((name) => readSchemaFile(name) !== composed[name]);

for (const name of stale) console.error(`schema/${name}.graphql is not current. Run: npm run compose`);
for (const description of differs) console.error(`Breaks the contract: ${description}`);
console.log(`Contract: ${differs.length} differ, ${missing.length} types, fields or values not built yet.`);
process.exitCode = stale.length + differs.length > 0 ? 1 : 0;
