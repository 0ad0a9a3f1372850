import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../stack/folders.ts";

interface Check {
  readonly name: string;
  /** Arguments of Node. */
  readonly args: readonly string[];
}

const bin = (path: string): string => join(ROOT, "node_modules", path);

/** The slowest first: two run at a time. */
const CHECKS: readonly Check[] = [
  { name: "types", args: [bin("typescript/bin/tsc"), "--noEmit", "-p", "."] },
  { name: "unused code", args: [bin("knip/bin/knip.js"), "--no-progress"] },
  {
    name: "import rules",
    args: [
      bin("dependency-cruiser/bin/dependency-cruiser.mjs"),
      ...["--config", ".dependency-cruiser.cjs", "--output-type", "err"],
      ...["packages", "services", "gateway", "schema", "dev", "bench", "e2e"],
    ],
  },
  { name: "schema", args: ["schema/check.ts"] },
  { name: "lint", args: [bin("oxlint/bin/oxlint"), "--deny-warnings"] },
  { name: "format", args: [bin("@biomejs/biome/bin/biome"), "format", "."] },
];

interface Result {
  readonly check: Check;
  readonly passed: boolean;
  readonly output: string;
  readonly seconds: string;
}

function run(check: Check): Promise<Result> {
  const started = performance.now();
  return new Promise((resolve) => {
    execFile(process.execPath, [...check.args], { cwd: ROOT, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      resolve({ check, passed: error === null, output: `${stdout}${stderr}`.trim(), seconds });
    });
  });
}

const pending = CHECKS.filter(
  ({ args: [script = ""] }) => script !== "schema/check.ts" || existsSync(join(ROOT, script)),
);
const failed: Result[] = [];
async function worker(): Promise<void> {
  for (let check = pending.shift(); check; check = pending.shift()) {
    const result = await run(check);
    console.log(`${result.passed ? "ok    " : "FAILED"}  ${check.name.padEnd(14)} ${result.seconds.padStart(5)} s`);
    if (!result.passed) failed.push(result);
  }
}
await Promise.all([worker(), worker()]);
for (const { check, output } of failed) console.log(`\n── ${check.name} ──\n${output}`);
process.exitCode = failed.length === 0 ? 0 : 1;
