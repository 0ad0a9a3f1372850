import DataLoader from "dataloader";
import type { RequestContext } from "@cadenza/subgraph";
import type { BlackoutCalendarService } from "./blackout-calendars/service.ts";
import type { BlackoutCalendar, BlackoutCalendarStore } from "./blackout-calendars/store.ts";
import type { RevisionStore } from "./revisions/store.ts";
import { KnownReferences } from "./validation/known-references.ts";
import type { ReferenceReader } from "./validation/references.ts";
import type { Workflow } from "./workflows/model.ts";
import type { WorkflowService } from "./workflows/service.ts";
import type { WorkflowStatusService } from "./workflows/status-service.ts";
import type { WorkflowStore } from "./workflows/store.ts";
import type { WorkflowYamlService } from "./yaml/service.ts";

export type GraphDependencies = {
  services: {
    workflows: WorkflowService;
    statuses: WorkflowStatusService;
    calendars: BlackoutCalendarService;
    yaml: WorkflowYamlService;
  };
  stores: { workflows: WorkflowStore; revisions: RevisionStore; calendars: BlackoutCalendarStore };
  references: ReferenceReader;
};

/** What resolvers are given: the caller, and what reads and changes for them. */
export type GraphContext = RequestContext &
  GraphDependencies & {
    known: KnownReferences;
    loaders: {
      workflow: DataLoader<string, Workflow | null>;
      calendar: DataLoader<string, BlackoutCalendar | null>;
    };
  };

export function createGraphContext(base: RequestContext, dependencies: GraphDependencies): GraphContext {
  const { workflows, calendars } = dependencies.stores;
  return {
    ...base,
    ...dependencies,
    known: new KnownReferences(dependencies.references, base.scope),
    loaders: {
      workflow: new DataLoader((ids) => workflows.findMany(base.scope, ids)),
      calendar: new DataLoader((ids) => calendars.findMany(base.scope, ids)),
    },
  };
}
