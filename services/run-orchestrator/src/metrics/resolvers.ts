import type { GraphContext } from "../run-graph/graph-context.ts";
import type { Period } from "./metrics-service.ts";

export const metricsResolvers = {
  Workflow: {
    runCounts: ({ id }: { id: string }, _: unknown, { countsByWorkflow }: GraphContext) => countsByWorkflow.load(id),
    metrics: ({ id }: { id: string }, period: Period, { scope, metrics }: GraphContext) =>
      metrics.metrics(scope, id, period),
  },
};
