import { expect, test } from "vitest";
import { EPOCH, idOf } from "../runs/definition-builder.ts";
import { type Candidate, type HeardSignal, pageOf } from "./page-of.ts";
import type { RunSignal } from "./signals-of.ts";

const later = (seconds: number): Date => new Date(EPOCH.getTime() + seconds * 1000);
const run = (id: string, overrides: Partial<Candidate> = {}): Candidate => ({
  _id: id,
  workflowId: "w",
  leadId: "lead",
  contactId: "contact",
  opportunityId: null,
  startedAt: EPOCH,
  ...overrides,
});
function heard(about: Partial<RunSignal["about"]>, overrides: Partial<RunSignal> = {}): HeardSignal {
  const nobody = { runId: null, contactId: null, leadId: null, opportunityId: null };
  const signal: RunSignal = {
    key: idOf("key"),
    at: later(10),
    about: { ...nobody, ...about },
    goal: { code: "EMAIL_REPLY", statusId: null },
    untilDate: null,
    afterRunId: null,
    ...overrides,
  };
  return { signal, workflowIds: new Set(["w"]) };
}
const all = { maxRuns: 200, isWhole: true };
const idsOf = (signals: HeardSignal[], runs: Candidate[], limits = all) =>
  pageOf(signals, runs, limits).moves.map(({ runId }) => runId);

test("GOAL-1: a run in whose thread the answer stands, and all runs of who wrote it", () => {
  const runs = [run("a", { contactId: "other" }), run("b"), run("c", { contactId: "third" })];
  expect(idsOf([heard({ runId: "a", contactId: "contact" })], runs)).toEqual(["a", "b"]);
});

test("GOAL-1: an opportunity speaks to its lead's runs, but to none that is for another opportunity", () => {
  const runs = [run("a"), run("b", { opportunityId: "deal" }), run("c", { opportunityId: "other" })];
  expect(idsOf([heard({ leadId: "lead", opportunityId: "deal" })], runs)).toEqual(["a", "b"]);
  expect(idsOf([heard({ leadId: "elsewhere", opportunityId: "deal" })], runs)).toEqual([]);
});

test("GOAL-1: a run that was enrolled after the signal hears nothing of it, however late it comes", () => {
  const runs = [run("a", { startedAt: later(10) }), run("b", { startedAt: later(10.001) })];
  expect(idsOf([heard({ contactId: "contact" })], runs)).toEqual(["a"]);
});

test("GOAL-1: only workflows with that goal hear of it", () => {
  expect(idsOf([heard({ leadId: "lead" })], [run("a"), run("b", { workflowId: "without" })])).toEqual(["a"]);
});

test("GOAL-2: several signals for one run stand in their order", () => {
  const reply = heard({ contactId: "contact" });
  const away = heard({ contactId: "contact" }, { goal: null, untilDate: "2026-01-12" });
  expect(pageOf([away, reply], [run("a")], all).moves).toEqual([
    { runId: "a", input: { kind: "autoReply", untilDate: "2026-01-12" } },
    {
      runId: "a",
      input: { kind: "goalMet", goal: { code: "EMAIL_REPLY", statusId: null, sourceId: idOf("key"), at: later(10) } },
    },
  ]);
});

test("GOAL-1: page after page, each run hears each signal once, whatever the pages hold", () => {
  const runs = Array.from({ length: 23 }, (_, i) =>
    run(String(i).padStart(2, "0"), i % 3 === 0 ? { leadId: "elsewhere", contactId: "other" } : {}),
  );
  const signals = [heard({ leadId: "lead" }), heard({ contactId: "other" }, { afterRunId: "05" })];
  const told: string[] = [];
  let [after, pages]: [string | null, number] = [null, 0];
  do {
    const cursor: string | null = after;
    const from = signals.map(({ signal, workflowIds }) => ({
      signal: {
        ...signal,
        afterRunId:
          [signal.afterRunId, cursor]
            .filter((id) => id !== null)
            .sort()
            .at(-1) ?? null,
      },
      workflowIds,
    }));
    const behind = runs.filter(({ _id }) => cursor === null || _id > cursor);
    const page = pageOf(from, behind.slice(0, 5), { maxRuns: 3, isWhole: behind.length < 5 });
    expect(page.moves.length).toBeLessThanOrEqual(3);
    told.push(...page.moves.map(({ runId }) => runId));
    after = page.lastRunId;
    pages++;
  } while (after !== null && pages < 50);
  const expected = runs.filter(({ _id, leadId }) => leadId === "lead" || _id > "05").map(({ _id }) => _id);
  expect(told).toEqual(expected);
});
