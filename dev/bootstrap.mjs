// The entry of every npm script. It runs on any Node from 20 on, with nothing installed, so it is plain JavaScript
// without a dependency: it installs what the lockfile says, then hands over to the project's own Node 24.
import { join } from "node:path";
import { ensureInstalled } from "./bootstrap/install.mjs";
import { handOver } from "./bootstrap/hand-over.mjs";
import { projectNode } from "./bootstrap/project-node.mjs";

const ROOT = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");

/** What each npm script runs, from the project's folder. */
const COMMANDS = {
  start: ["dev/start.ts"],
  test: ["dev/commands/test.ts"],
  check: ["dev/commands/check.ts"],
  bench: ["bench/src/main.ts"],
  chaos: ["node_modules/vitest/vitest.mjs", "run", "--project", "chaos"],
  compose: ["schema/compose.ts"],
  format: ["node_modules/@biomejs/biome/bin/biome", "format", "--write", "."],
};

const [name, ...args] = process.argv.slice(2);
const command = name === undefined ? undefined : COMMANDS[name];
if (!command) {
  console.error(`node dev/bootstrap.mjs takes one of: ${Object.keys(COMMANDS).join(", ")}`);
  process.exit(2);
}
try {
  await ensureInstalled(ROOT);
  process.exitCode = await handOver(projectNode(ROOT), [...command, ...args], ROOT);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
