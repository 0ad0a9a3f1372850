import { readFileSync, writeFileSync } from "node:fs";

/** What stands checked in beside this file: the composed supergraph, the clients' schema, and the contract it keeps. */
const FILES = {
  supergraph: new URL("supergraph.graphql", import.meta.url),
  api: new URL("api.graphql", import.meta.url),
  contract: new URL("contract.graphql", import.meta.url),
};

export function readSchemaFile(name: keyof typeof FILES): string {
  return readFileSync(FILES[name], "utf8");
}

export function writeSchemaFile(name: "supergraph" | "api", text: string): void {
  writeFileSync(FILES[name], text);
}
