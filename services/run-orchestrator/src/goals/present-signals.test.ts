import { expect, test } from "vitest";
import { EPOCH, idOf } from "../runs/definition-builder.ts";
import type { Place, Subject } from "../subjects/subject.ts";
import { presentSignals } from "./present-signals.ts";
import type { RunSignal } from "./signals-of.ts";

const nobody = { runId: null, contactId: null, leadId: null, opportunityId: null };
function signal(
  about: Partial<RunSignal["about"]>,
  code: NonNullable<RunSignal["goal"]>["code"] = "EMAIL_REPLY",
): RunSignal {
  const goal = { code, statusId: null };
  return { key: idOf("key"), at: EPOCH, about: { ...nobody, ...about }, goal, untilDate: null, afterRunId: null };
}
function gone(object: Subject["object"], id: string, into: Place | null): [string, Subject] {
  const heard = { isGone: true, into, leadId: null, leadVersion: 0, shard: 0, dueAt: null, heard: 1 };
  return [id, { _id: id, organizationId: "o", object, actor: { kind: "USER", id: null, label: "Ada" }, ...heard }];
}
const known = new Map([
  gone("CONTACT", "a", { id: "b", leadId: "1" }),
  gone("CONTACT", "b", { id: "c", leadId: "2" }),
  gone("CONTACT", "deleted", null),
  gone("LEAD", "1", { id: "2", leadId: "2" }),
]);
const aboutOf = (signals: RunSignal[]) => presentSignals(signals, known).map(({ about }) => about);

test("RUN-9, GOAL-1: what is told of a merged contact is told of the one that survived too", () => {
  expect(aboutOf([signal({ contactId: "a", runId: "run" })])).toEqual([
    { ...nobody, contactId: "a", runId: "run" },
    { ...nobody, contactId: "c" },
  ]);
});

test("RUN-9, GOAL-1: a meeting and a deal of a merged lead are the surviving lead's, the status it had is not", () => {
  expect(aboutOf([signal({ leadId: "1" }, "MEETING_BOOKED")]).at(-1)).toEqual({ ...nobody, leadId: "2" });
  const deal = signal({ leadId: "1", opportunityId: "deal" }, "OPPORTUNITY_STATUS_REACHED");
  expect(aboutOf([deal]).at(-1)).toEqual({ ...nobody, leadId: "2", opportunityId: "deal" });
  expect(aboutOf([signal({ leadId: "1" }, "LEAD_STATUS_REACHED")])).toEqual([{ ...nobody, leadId: "1" }]);
});

test("RUN-9, GOAL-1: who is as they were is told of once, and of the deleted nothing reaches anybody else", () => {
  const signals = [signal({ contactId: "c" }), signal({ leadId: "2" }), signal({ runId: "run" })];
  expect(presentSignals(signals, known)).toEqual(signals);
  const concerned = aboutOf([signal({ contactId: "deleted" })]).flatMap(({ contactId }) => contactId ?? []);
  expect(new Set(concerned)).toEqual(new Set(["deleted"]));
});
