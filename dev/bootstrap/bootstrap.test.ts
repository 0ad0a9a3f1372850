import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const STAMP = join(import.meta.dirname, "stamp.mjs");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bootstrap-"));
  mkdirSync(join(root, "node_modules"));
  writeFileSync(join(root, "pnpm-lock.yaml"), "lockfileVersion: 9\n");
});
afterEach(() => rmSync(root, { recursive: true }));

/** The bootstrap is JavaScript that runs before TypeScript can, so it is called as a program. */
function ask(expression: string): unknown {
  const script = `import { isInstalled, markInstalled } from ${JSON.stringify(STAMP)};
    const root = ${JSON.stringify(root)};
    console.log(JSON.stringify(${expression}) ?? "null")`;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }));
}

test("OPS-1: a fresh clone installs, and once installed it does not again", () => {
  expect(ask("isInstalled(root)")).toBe(false);
  ask("markInstalled(root)");
  expect(ask("isInstalled(root)")).toBe(true);
});

test("OPS-1: another lockfile installs again, and so does an empty node_modules", () => {
  ask("markInstalled(root)");
  appendFileSync(join(root, "pnpm-lock.yaml"), "# changed\n");
  expect(ask("isInstalled(root)")).toBe(false);
  ask("markInstalled(root)");
  rmSync(join(root, "node_modules"), { recursive: true });
  expect(ask("isInstalled(root)")).toBe(false);
});
