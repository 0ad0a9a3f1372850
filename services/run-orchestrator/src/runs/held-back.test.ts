import type { Reason, StepResult } from "@cadenza/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { definition, email } from "./definition-builder.ts";
import { shownStatus } from "./held-back.ts";
import { ADA, RunWalk } from "./run-walk.ts";

const limit: Reason = { code: "SENDING_LIMIT", message: "No room." };
const paused: Reason = { code: "ACCOUNT_PAUSED", message: "The account is paused." };
const later = (walk: RunWalk, seconds: number) => new Date(walk.now.getTime() + seconds * 1000);

const underWay = (): RunWalk => {
  const walk = new RunWalk(definition([email("a"), email("b")]));
  walk.answer("WAITING", { messageId: "message" });
  return walk;
};
const shown = (walk: RunWalk) => [
  shownStatus(walk.current()),
  walk.current().reason?.code ?? null,
  walk.current().heldUntil,
];

test("RUN-2: a message held back shows its step as held, with reason and time, and is found by the reason", () => {
  const walk = underWay();
  const heldUntil = later(walk, 3600);
  walk.answer("WAITING", { reason: limit, heldUntil, at: later(walk, 1) });
  expect([shown(walk), walk.run.reasonCodes]).toEqual([["HELD", "SENDING_LIMIT", heldUntil], ["SENDING_LIMIT"]]);
  walk.answer("WAITING", { reason: paused, at: later(walk, 2) });
  expect([shown(walk), walk.run.reasonCodes]).toEqual([["HELD", "ACCOUNT_PAUSED", null], ["ACCOUNT_PAUSED"]]);
});

test("RUN-2: a notice without a reason says that nothing holds it any more, and so does its end", () => {
  const walk = underWay();
  walk.answer("WAITING", { reason: limit, heldUntil: later(walk, 3600), at: later(walk, 1) });
  walk.answer("WAITING", { at: later(walk, 2) });
  expect([shown(walk), walk.run.reasonCodes]).toEqual([["WAITING", null, null], []]);
  walk.answer("WAITING", { reason: limit, heldUntil: later(walk, 3600), at: later(walk, 3) });
  walk.answer("DONE");
  expect(walk.run.executions[0]).toMatchObject({ status: "DONE", reason: null, heldUntil: null });
});

test("RUN-2: held back it still waits for its end: withdrawn, asked about and ended like any other", () => {
  const walk = underWay();
  walk.answer("WAITING", { reason: limit, heldUntil: later(walk, 3600), at: later(walk, 1) });
  walk.apply({ kind: "skipStep", actor: ADA, stepId: null });
  expect(walk.seen()).toEqual(["a SKIPPED SKIPPED_BY_HAND", "b PROCESSING"]);
  expect(walk.told().filter((command) => command.startsWith("withdrawMessage"))).toHaveLength(1);
});

test("RUN-4: a notice revives no step that has ended or failed", () => {
  const walk = underWay();
  const notice = { ...walk.resultOf(walk.current()), outcome: "WAITING" as const, reason: limit, at: later(walk, 9) };
  walk.answer("ERROR", { reason: { code: "UNKNOWN_OUTCOME", message: "Unknown." } });
  walk.apply({ kind: "stepResult", result: notice });
  expect(walk.seen()).toEqual(["a ERROR UNKNOWN_OUTCOME"]);
  walk.answer("DONE");
  walk.apply({ kind: "stepResult", result: notice });
  expect(walk.seen()).toEqual(["a DONE", "b PROCESSING"]);
});

test("RUN-2: notices in any order, any number of times, also before the first answer, come to the same", () => {
  const notices: Partial<StepResult>[] = [
    { messageId: "message" },
    { reason: limit, heldUntil: new Date("2026-01-05T11:00:00Z"), at: new Date("2026-01-05T09:00:00Z") },
    { reason: paused, at: new Date("2026-01-05T09:00:01Z") },
    { reason: limit, heldUntil: new Date("2026-01-05T12:00:00Z"), at: new Date("2026-01-05T09:00:02Z") },
    { reason: limit, heldUntil: new Date("2026-01-05T13:00:00Z"), at: new Date("2026-01-05T09:00:02Z") },
  ];
  const many = fc.shuffledSubarray([...notices, ...notices], { minLength: 10 });
  fc.assert(
    fc.property(many, (order) => {
      const walk = new RunWalk(definition([email("a")]));
      for (const notice of order) walk.answer("WAITING", notice);
      expect(shown(walk)).toEqual(["HELD", "SENDING_LIMIT", new Date("2026-01-05T13:00:00Z")]);
      expect(walk.current().messageId).toBe("message");
    }),
  );
});
