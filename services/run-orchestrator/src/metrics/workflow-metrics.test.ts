import { expect, test } from "vitest";
import { definition, email, idOf } from "../runs/definition-builder.ts";
import { stepKey, type Tally } from "./tally.ts";
import { metricsOf } from "./workflow-metrics.ts";

test("API-1: steps stand in the workflow's order, then removed ones that runs have reached, then forgotten ones", () => {
  const { places } = definition([{ removed: "never reached" }, email("one"), { removed: "removed" }, email("two")]);
  const tally: Tally = new Map([
    [stepKey(idOf("two"), "reached"), 1],
    [stepKey(idOf("removed"), "reached"), 3],
    [stepKey(idOf("removed"), "skipped"), 2],
    [stepKey("FORGOTTEN", "reached"), 1],
  ]);
  const { perStep } = metricsOf(tally, places);
  expect(perStep.map(({ stepId }) => stepId)).toEqual([idOf("one"), idOf("two"), idOf("removed"), "FORGOTTEN"]);
  expect(perStep[2]).toEqual({ stepId: idOf("removed"), reached: 3, done: 0, skipped: 2, error: 0 });
});

test("API-1: rates are shares of what they are about; of nothing they are 0, and an average is null", () => {
  expect(metricsOf(new Map(), [])).toEqual({
    enrolled: 0,
    messagesSent: 0,
    bounceRate: 0,
    responseRate: 0,
    averageResponseSeconds: null,
    perStep: [],
  });
  const tally: Tally = new Map([
    ["ACTIVE", 3],
    ["GOAL_MET", 1],
    ["messagesSent", 6],
    ["bounced", 2],
    ["responded", 1],
    ["timedResponses", 1],
    ["responseMs", 90_500],
  ]);
  expect(metricsOf(tally, [])).toMatchObject({
    enrolled: 4,
    bounceRate: 0.25,
    responseRate: 0.25,
    averageResponseSeconds: 90.5,
  });
});
