import { existsSync, globSync, readdirSync } from "node:fs";
import { completeTypeDefs, loadTypeDefs } from "@cadenza/subgraph";
import type { Subgraph } from "./compose-supergraph.ts";

const SERVICES = new URL("../services/", import.meta.url);

/** The schema of every service that has `*.graphql` files, as the service itself serves it. */
export function readSubgraphs(): Subgraph[] {
  return readdirSync(SERVICES)
    .sort()
    .map((name) => ({ name, source: new URL(`${name}/src/`, SERVICES) }))
    .filter(({ source }) => existsSync(source) && globSync("**/*.graphql", { cwd: source }).length > 0)
    .map(({ name, source }) => ({ name, typeDefs: completeTypeDefs(loadTypeDefs(source)) }));
}
