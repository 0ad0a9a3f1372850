import { z } from "zod";
import { readJsonFile } from "../stack/json-file.ts";

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** The part of Vitest's JSON report that counts. */
const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

/**
 * Passed and failed tests of one run. A file that could not be loaded counts as one failed test, and so does a run
 * that ended badly without saying which test was at fault.
 */
export function tallyOf(reportFile: string, exitCode: number): Tally {
  const report = Report.safeParse(readJsonFile(reportFile));
  if (!report.success) return { passed: 0, failed: exitCode === 0 ? 0 : 1 };
  const { numPassedTests, numFailedTests, testResults } = report.data;
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  const failed = numFailedTests + brokenFiles.length;
  return { passed: numPassedTests, failed: exitCode === 0 ? failed : Math.max(failed, 1) };
}

export function addTallies(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}
