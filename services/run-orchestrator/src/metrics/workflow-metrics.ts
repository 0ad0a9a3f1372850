import type { PlacedStep } from "@cadenza/contracts";
import { runCountsOf } from "./run-counts.ts";
import { STEP_COUNTS, type StepCount, stepKey, type Tally } from "./tally.ts";

export type StepMetrics = { stepId: string } & Record<StepCount, number>;
export type WorkflowMetrics = {
  enrolled: number;
  messagesSent: number;
  bounceRate: number;
  responseRate: number;
  averageResponseSeconds: number | null;
  perStep: StepMetrics[];
};

/** @param places of the newest definition: its steps in their order, then removed ones that some run has reached. */
export function metricsOf(tally: Tally, places: readonly PlacedStep[]): WorkflowMetrics {
  const of = (key: string): number => tally.get(key) ?? 0;
  const enrolled = runCountsOf(tally).total;
  const messagesSent = of("messagesSent");
  const stepIds = [
    ...places.filter(({ step }) => step !== null).map(({ stepId }) => stepId),
    ...places
      .filter(({ step, stepId }) => step === null && of(stepKey(stepId, "reached")) > 0)
      .map(({ stepId }) => stepId),
  ];
  // Of places that are forgotten (WF-4) nobody knows the order any more.
  const forgotten = reachedSteps(tally).filter((stepId) => !stepIds.includes(stepId));
  return {
    enrolled,
    messagesSent,
    bounceRate: share(of("bounced"), messagesSent + of("bounced")),
    responseRate: share(of("responded"), enrolled),
    averageResponseSeconds: of("timedResponses") > 0 ? of("responseMs") / 1000 / of("timedResponses") : null,
    perStep: [...stepIds, ...forgotten].map((stepId) => stepMetricsOf(tally, stepId)),
  };
}

function stepMetricsOf(tally: Tally, stepId: string): StepMetrics {
  const metrics: StepMetrics = { stepId, reached: 0, done: 0, skipped: 0, error: 0 };
  for (const count of STEP_COUNTS) metrics[count] = tally.get(stepKey(stepId, count)) ?? 0;
  return metrics;
}

function reachedSteps(tally: Tally): string[] {
  const end = stepKey("", "reached");
  return [...tally.keys()]
    .filter((key) => key.endsWith(end))
    .map((key) => key.slice(0, -end.length))
    .toSorted();
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
