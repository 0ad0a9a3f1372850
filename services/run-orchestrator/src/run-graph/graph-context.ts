import type { Clock } from "@cadenza/platform";
import type { RequestContext } from "@cadenza/subgraph";
import DataLoader from "dataloader";
import type { BulkService } from "../bulk/bulk-service.ts";
import type { DryRunService } from "../dry-run/dry-run-service.ts";
import type { EnrolmentService } from "../enrolment/enrolment-service.ts";
import type { CallResponses } from "../goals/call-responses.ts";
import type { Offer } from "../goals/offered-runs.ts";
import type { MetricsService } from "../metrics/metrics-service.ts";
import type { RunCounts } from "../metrics/run-counts.ts";
import type { RefusalStore } from "../refusals/refusal-store.ts";
import type { Run } from "../runs/model.ts";
import type { TestClockService } from "../test-clock/test-clock-service.ts";
import type { RunActions } from "./run-actions.ts";
import type { RunQueries } from "./run-queries.ts";
import type { ShownRuns } from "./shown-runs.ts";

/** What resolvers work with. */
export type GraphServices = {
  clock: Clock;
  runs: RunQueries;
  shown: ShownRuns;
  metrics: MetricsService;
  dryRuns: DryRunService;
  actions: RunActions;
  responses: CallResponses;
  enrolment: EnrolmentService;
  bulk: BulkService;
  refusals: RefusalStore;
  testClock: TestClockService;
};

export type GraphContext = RequestContext &
  GraphServices & {
    /** One query for all that a request asks for. */
    runById: DataLoader<string, Run | null>;
    /** As an edit that is on its way will have it; one look at the workflows for all runs of a page. */
    shownRun: DataLoader<Run, Run>;
    countsByWorkflow: DataLoader<string, RunCounts>;
    offerByCall: DataLoader<string, Offer>;
  };

/** A request's context: who asks, the services, and loaders of its own. */
export function createGraphContext(base: RequestContext, services: GraphServices): GraphContext {
  const { scope } = base;
  return {
    ...base,
    ...services,
    offerByCall: new DataLoader((ids) => services.responses.offers(scope, ids)),
    runById: new DataLoader((ids) => services.runs.byIds(scope, ids)),
    shownRun: new DataLoader((runs) => services.shown.all(runs)),
    countsByWorkflow: new DataLoader((ids) => services.metrics.runCounts(scope, ids)),
  };
}
