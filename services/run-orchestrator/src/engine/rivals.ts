import type { Reason } from "@cadenza/contracts";
import { START_REFUSALS } from "../enrolment/start-refusals.ts";
import type { Run } from "../runs/model.ts";
import type { Rival } from "../runs/run-repository.ts";

type Claim = Pick<Run, "_id" | "workflowId" | "contactId" | "exclusivityGroup">;

/** Open runs, by what they keep others from (ENR-1, ENR-2). */
export class Rivals {
  readonly #ofWorkflow = new Map<string, string>();
  readonly #ofGroup = new Map<string, string>();

  constructor(open: Iterable<Rival>) {
    for (const run of open) this.opened(run);
  }

  /** Why this run may not be open beside the others, or null; an open run of its own workflow comes first (ENR-6). */
  against(run: Claim): Reason | null {
    if ((this.#ofWorkflow.get(workflowKey(run)) ?? run._id) !== run._id) return START_REFUSALS.alreadyEnrolled;
    if (run.exclusivityGroup === null || (this.#ofGroup.get(groupKey(run)) ?? run._id) === run._id) return null;
    return START_REFUSALS.exclusivity(run.exclusivityGroup);
  }

  opened(run: Claim): void {
    this.#ofWorkflow.set(workflowKey(run), run._id);
    if (run.exclusivityGroup !== null) this.#ofGroup.set(groupKey(run), run._id);
  }
}

function workflowKey({ workflowId, contactId }: Claim): string {
  return `${workflowId} ${contactId}`;
}

function groupKey({ exclusivityGroup, contactId }: Claim): string {
  return `${contactId} ${exclusivityGroup}`;
}
