import type {
  CrmReader,
  Definition,
  DefinitionsService,
  SendsService,
  WorkflowProblem,
  WorkflowStatus,
} from "@cadenza/contracts";
import { type Clock, isId, newId } from "@cadenza/platform";
import type { Database, OrganizationScope } from "@cadenza/storage";
import { badUserInput, notFound } from "@cadenza/subgraph";
import type { DefinitionSource } from "../engine/definitions.ts";
import { mayStart } from "../enrolment/may-start.ts";
import { runsOfGroup } from "../enrolment/replacement.ts";
import type { Caller } from "../enrolment/enrolment-service.ts";
import { unstartedRun } from "../runs/new-run.ts";
import type { RunStore } from "../runs/store.ts";
import { simulatedReceivers } from "./simulated-receivers.ts";
import { type DryStep, walk } from "./walk.ts";

export type DryRunServiceOptions = {
  database: Database;
  runs: RunStore;
  definitions: DefinitionSource;
  /** Of the workflow's own problems. */
  problems: Pick<DefinitionsService, "problems">;
  crm: Pick<CrmReader, "findContacts" | "getSubjects">;
  sends: Pick<SendsService, "previewEmails">;
  clock: Clock;
};
export type DryRunInput = { workflowId: string; contactId: string; startAt?: Date | null };
export type DryRun = { steps: DryStep[]; endsAt: Date | null; problems: WorkflowProblem[] };
type Contact = { leadId: string; timeZone: string | null; phones: { number: string; country: string | null }[] };

/** Between these a start can be thought of; beyond, dates and zones mean nothing. */
const EARLIEST = new Date("2000-01-01T00:00:00.000Z");
const LATEST = new Date("2100-01-01T00:00:00.000Z");

/** Shows what a run started by the caller's hand would do, in memory: writes and sends nothing. */
export class DryRunService {
  readonly #options: DryRunServiceOptions;

  constructor(options: DryRunServiceOptions) {
    this.#options = options;
  }

  /** @throws NOT_FOUND, BAD_USER_INPUT */
  async dryRun({ scope, actor, userId }: Caller, { workflowId, contactId, startAt }: DryRunInput): Promise<DryRun> {
    const { definitions, clock, sends } = this.#options;
    const { organizationId } = scope;
    const at = startAt ?? clock.now();
    if (at < EARLIEST || at > LATEST) throw badUserInput("startAt must lie between 2000 and 2100.", ["startAt"]);
    if (!isId(workflowId)) throw notFound("workflow");
    const [current, contact, own] = await Promise.all([
      definitions.current([{ organizationId, workflowId }]),
      this.#contact(scope, contactId),
      this.#options.problems.problems({ organizationId, workflowId }),
    ]);
    const workflow = current.get(workflowId);
    if (!workflow || own.problems === null) throw notFound("workflow");
    if (!contact) throw notFound("contact");
    const start = {
      id: newId(clock.now()),
      organizationId,
      workflowId,
      leadId: contact.leadId,
      contactId,
      opportunityId: null,
      ordinal: 1,
      startedBy: actor,
      enrollingUserId: userId,
      event: null,
      depth: 0,
      chosenAccountIds: [],
    };
    const [refusals, walked] = await Promise.all([
      this.#refusals(scope, workflow, contactId, at),
      walk({
        run: unstartedRun(start, at),
        definition: workflow.definition,
        contact,
        answer: simulatedReceivers(sends, organizationId),
      }),
    ]);
    const met = walked.problems.map((problem) => ({ ...problem, field: null }));
    return { steps: walked.steps, endsAt: walked.endsAt, problems: [...own.problems, ...refusals, ...met] };
  }

  async #contact({ organizationId }: OrganizationScope, contactId: string): Promise<Contact | null> {
    const { crm } = this.#options;
    if (!isId(contactId)) return null;
    const request = { organizationId, contactIds: [contactId], filterJson: null, afterId: null, limit: 1 };
    const leadId = (await crm.findContacts(request)).contacts[0]?.leadId;
    if (leadId === undefined) return null;
    const subjects = [{ leadId, contactId, opportunityId: null, userIds: [] }];
    const contact = (await crm.getSubjects({ organizationId, subjects })).subjects[0]?.contact;
    return contact ? { leadId, timeZone: contact.timeZone, phones: contact.phones } : null;
  }

  /** Why the contact could not be enrolled. That a draft is no active workflow yet goes without saying. */
  async #refusals(
    scope: OrganizationScope,
    { definition, status }: { definition: Definition; status: WorkflowStatus },
    contactId: string,
    at: Date,
  ): Promise<WorkflowProblem[]> {
    const { database, runs } = this.#options;
    const { workflowId, reentry, exclusivity: rule } = definition;
    const { organizationId } = scope;
    const reason = await database.transaction(async (session) => {
      const history = (await runs.histories(scope, workflowId, [contactId], session)).get(contactId);
      const taken = rule
        ? await runsOfGroup(runs, { organizationId, group: rule.group, contactIds: [contactId] }, session)
        : new Map<string, string>();
      const exclusivity = rule && { rule, isTaken: taken.has(contactId) };
      return mayStart({
        workflowStatus: status === "DRAFT" ? "ACTIVE" : status,
        reentry,
        history,
        exclusivity,
        now: at,
      });
    });
    return reason ? [{ ...reason, stepId: null, field: null }] : [];
  }
}
