import type { CrmReader } from "@cadenza/contracts";
import type { Clock, Logger } from "@cadenza/platform";
import { START_REFUSALS } from "../enrolment/start-refusals.ts";
import { type EventSubject, readPrimaryContacts, readSubjects } from "./event-subjects.ts";
import { type Match, meets, possibleMatches } from "./match.ts";
import type { SourceEvent } from "./source-event.ts";
import { startId, startOf, type WantedStart } from "./start-of.ts";
import type { TriggeredWorkflows } from "./triggered-workflows.ts";

export type TriggerMatcherOptions = {
  workflows: TriggeredWorkflows;
  crm: Pick<CrmReader, "getSubjects">;
  clock: Clock;
  log: Logger;
};

/** A trigger that is met, and the start that it asks for. */
export type Asked = { match: Match; wanted: WantedStart };

/** Finds what events start. Nothing is read of what they are about unless a workflow's conditions leave it open. */
export class TriggerMatcher {
  readonly #options: TriggerMatcherOptions;

  constructor(options: TriggerMatcherOptions) {
    this.#options = options;
  }

  /** Every start that the events of one organization ask for, in their order. */
  async asked(organizationId: string, sources: readonly SourceEvent[]): Promise<Asked[]> {
    if (sources.length === 0) return [];
    const { workflows, clock } = this.#options;
    return this.askedBy(organizationId, possibleMatches(sources, await workflows.of(organizationId), clock.now()));
  }

  /** Of these pairs those whose conditions hold. */
  async askedBy(organizationId: string, possible: readonly Match[]): Promise<Asked[]> {
    const { crm, clock } = this.#options;
    const now = clock.now();
    const subjects = await readSubjects(crm, organizationId, [...new Set(possible.map(({ source }) => source))]);
    const first = possible.map((match) => this.#judge(match, subjects.get(match.source), now));
    const open = possible.filter((_, i) => first[i] === "open");
    await readPrimaryContacts(
      crm,
      organizationId,
      subjects,
      open.map(({ source }) => source),
    );
    return possible.flatMap((match, i) => {
      const subject = subjects.get(match.source);
      const judged = first[i] === "open" ? this.#judge(match, subject, now) : first[i];
      if (!subject || judged === "unmet" || judged === "open" || judged === undefined) return [];
      return [{ match, wanted: judged === "met" ? startOf(match, subject) : failed(match) }];
    });
  }

  /** A trigger whose conditions cannot be judged does not keep the event from the other workflows (REL-6). */
  #judge(match: Match, subject: EventSubject | undefined, now: Date): "met" | "unmet" | "open" | "failed" {
    if (!subject || !isStillSo(match, subject)) return "unmet";
    const { lead, contact, opportunity } = subject;
    try {
      const known = contact === undefined ? { lead, opportunity } : { lead, contact, opportunity };
      const holds = meets(match, known, now);
      return holds === undefined ? "open" : holds ? "met" : "unmet";
    } catch (error) {
      const { workflowId } = match.trigger.workflow.definition;
      this.#options.log.error({ err: error, workflowId, eventId: match.source.key }, "Conditions could not be judged.");
      return "failed";
    }
  }
}

function failed(match: Match): WantedStart {
  return { kind: "nobody", id: startId(match), reason: START_REFUSALS.notJudged };
}

/** An opportunity that has changed since, or is closed, has not stalled. */
function isStillSo({ source }: Match, { opportunity }: EventSubject): boolean {
  if (source.stalledVersion === null) return true;
  return opportunity?.version === source.stalledVersion && opportunity.status.kind === "OPEN";
}
