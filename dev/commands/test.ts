import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../stack/folders.ts";
import { addTallies, type Tally, tallyOf } from "./test-tally.ts";

/** Vitest projects, one after another: a stack of processes under test wants the machine to itself. */
const PHASES = ["unit", "e2e"] as const;

async function runPhase(project: string, args: readonly string[]): Promise<Tally> {
  const report = join(ROOT, ".cadenza/test", `${project}-${process.pid}.json`);
  mkdirSync(join(ROOT, ".cadenza/test"), { recursive: true });
  console.log(`\n── ${project} ──`);
  const vitest = [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--project", project, "--passWithNoTests"];
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const child = spawn(process.execPath, [...vitest, ...reporters, ...args], { cwd: ROOT, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, "exit")) as [number | null];
  const tally = tallyOf(report, code ?? 1);
  rmSync(report, { force: true });
  return tally;
}

const args = process.argv.slice(2);
let total: Tally = { passed: 0, failed: 0 };
for (const project of PHASES) total = addTallies(total, await runPhase(project, args));
if (total.passed + total.failed === 0) console.log(`No test was found${args.length ? ` for ${args.join(" ")}` : ""}.`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
