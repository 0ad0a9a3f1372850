import type { Session } from "@cadenza/storage";
import type { Run, RunTransition } from "./model.ts";

export type RunKey = { organizationId: string; runId: string };
export type RunChange = { before: Run; after: Run; droppedTransitions: RunTransition[] };
/** What a contact's runs of one workflow say about another start (ENR-1). */
export type EnrolmentHistory = { openRunId: string | null; lastOrdinal: number; lastStartedAt: Date };

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
  /** Contacts that have an open run of the workflow, with that run's id. */
  openRuns(
    organizationId: string,
    workflowId: string,
    contactIds: readonly string[],
    session: Session,
  ): Promise<Map<string, string>>;
};
