import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { concatAST, type DocumentNode, parse, Source } from "graphql";

/**
 * All `*.graphql` files beneath a folder, in the order of their paths.
 * @param directory `new URL(".", import.meta.url)` of a service's `src`.
 */
export function loadTypeDefs(directory: URL): DocumentNode {
  const root = fileURLToPath(directory);
  const files = globSync("**/*.graphql", { cwd: root, exclude: ["**/node_modules/**"] }).sort();
  if (files.length === 0) throw new Error(`There is no .graphql file beneath ${root}.`);
  return concatAST(files.map((file) => parse(new Source(readFileSync(join(root, file), "utf8"), file))));
}
