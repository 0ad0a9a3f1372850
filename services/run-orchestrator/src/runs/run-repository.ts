import type { Session } from "@cadenza/storage";
import type { Run, RunTransition } from "./model.ts";

export type RunKey = { organizationId: string; runId: string };
export type RunChange = { before: Run; after: Run; droppedTransitions: RunTransition[] };
/** What a contact's runs of one workflow say about another start (ENR-1). */
export type EnrolmentHistory = { openRunId: string | null; lastOrdinal: number; lastStartedAt: Date };

/** Of an open run what it keeps others from: a second one of its workflow (ENR-1), another one of its group (ENR-2). */
export type Rival = Pick<Run, "_id" | "workflowId" | "contactId" | "exclusivityGroup" | "startedAt">;
export type RivalQuery = {
  contactIds: readonly string[];
  workflowIds: readonly string[];
  groups: readonly string[];
};

/** A run was changed by someone else between being read and being written; the transaction is to be tried again. */
export class StaleRunError extends Error {
  constructor(expected: number, matched: number) {
    super(`Of ${expected} runs to write, ${expected - matched} had been changed by others.`);
    this.name = "StaleRunError";
  }
}

/** What moving runs needs of a store: MongoDB's in the service, one in memory in the simulation. */
export type RunRepository = {
  /** In any order; runs that do not exist are left out. */
  read(keys: readonly RunKey[], session: Session): Promise<Run[]>;
  /** @throws StaleRunError when a run is no longer as it was read. */
  write(changes: readonly RunChange[], session: Session): Promise<void>;
  insert(runs: readonly Run[], session: Session): Promise<void>;
  /** Open runs of these contacts that are of one of the workflows or of one of the exclusivity groups; each once. */
  rivals(organizationId: string, query: RivalQuery, session: Session): Promise<Rival[]>;
};
