import type { Definition, WorkflowStatus } from "@cadenza/contracts";
import { expect, test } from "vitest";
import type { EnrolmentHistory } from "../runs/run-repository.ts";
import { mayStart } from "./may-start.ts";

const now = new Date("2026-03-10T12:00:00.000Z");
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000);
const open: EnrolmentHistory = { openRunId: "run", lastOrdinal: 1, lastStartedAt: daysAgo(100) };
const over: EnrolmentHistory = { openRunId: null, lastOrdinal: 2, lastStartedAt: daysAgo(5) };
const once: Definition["reentry"] = { mode: "ONCE", minimumDaysSinceLastStart: 0 };
const afterEnd = (days = 0): Definition["reentry"] => ({ mode: "AFTER_END", minimumDaysSinceLastStart: days });

const cases: [string, WorkflowStatus, Definition["reentry"], EnrolmentHistory | undefined, string | null][] = [
  ["a contact without runs starts", "ACTIVE", once, undefined, null],
  ["a draft starts nothing", "DRAFT", once, undefined, "WORKFLOW_NOT_ACTIVE"],
  ["an archived workflow starts nothing", "ARCHIVED", afterEnd(), undefined, "WORKFLOW_NOT_ACTIVE"],
  ["an open run comes before all other reasons", "ARCHIVED", once, open, "ALREADY_ENROLLED"],
  ["an open run keeps AFTER_END from starting", "ACTIVE", afterEnd(), open, "ALREADY_ENROLLED"],
  ["ONCE is never again", "ACTIVE", once, over, "REENTRY_NOT_ALLOWED"],
  ["ONCE needs no minimum", "ACTIVE", { mode: "ONCE", minimumDaysSinceLastStart: 3 }, over, "REENTRY_NOT_ALLOWED"],
  ["AFTER_END starts again", "ACTIVE", afterEnd(), over, null],
  ["five days are enough where five are asked for", "ACTIVE", afterEnd(5), over, null],
  ["five days are too few where six are asked for", "ACTIVE", afterEnd(6), over, "REENTRY_TOO_SOON"],
];

test.each(cases)("ENR-1, ENR-6: %s", (_, workflowStatus, reentry, history, code) => {
  expect(mayStart({ workflowStatus, reentry, history, now })?.code ?? null).toBe(code);
});
