import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tallyOf } from "./test-tally.ts";

function reportFile(report: object | null): string {
  const folder = mkdtempSync(join(tmpdir(), "tally-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "report.json");
  if (report) writeFileSync(path, JSON.stringify(report));
  return path;
}
const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((result) => ({ status: result })),
});

test("a file that does not load counts as a failed test", () => {
  const testResults = [file("passed", "passed", "passed"), file("failed", "failed", "passed"), file("failed")];
  const report = reportFile({ numPassedTests: 3, numFailedTests: 1, testResults });
  expect(tallyOf(report, 1)).toEqual({ passed: 3, failed: 2 });
});

test("a run that ended badly has a failure, whatever its report says", () => {
  const report = reportFile({ numPassedTests: 1, numFailedTests: 0, testResults: [file("passed", "passed")] });
  expect(tallyOf(report, 0)).toEqual({ passed: 1, failed: 0 });
  expect(tallyOf(report, 1)).toEqual({ passed: 1, failed: 1 });
  expect(tallyOf(reportFile(null), 1)).toEqual({ passed: 0, failed: 1 });
  expect(tallyOf(reportFile(null), 0)).toEqual({ passed: 0, failed: 0 });
});
