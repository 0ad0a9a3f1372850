import type { Actor, CrmReader, Definition, WorkflowStatus } from "@cadenza/contracts";
import type { Committer } from "@cadenza/messaging";
import { type Clock, derivedId, isId, newId } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";
import { type IdempotencyKeys, type UserError, userError } from "@cadenza/subgraph";
import type { DefinitionSource } from "../engine/definitions.ts";
import type { Run } from "../runs/model.ts";
import type { RunStore } from "../runs/store.ts";
import { type ChosenAccounts, chosenAccounts } from "./chosen-accounts.ts";
import { commitAgain } from "./commit-again.ts";
import type { Enroller } from "./enroller.ts";

export type EnrollInput = ChosenAccounts & {
  workflowId: string;
  contactId: string;
  opportunityId?: string | null;
  idempotencyKey?: string | null;
};
/** On whose behalf; `userId` null where a machine asks. */
export type Caller = { scope: OrganizationScope; actor: Actor; userId: string | null };
export type EnrollPayload = { run: Run | null; userErrors: UserError[] };

export type EnrolmentServiceOptions = {
  committer: Committer;
  enroller: Enroller;
  runs: RunStore;
  definitions: DefinitionSource;
  crm: Pick<CrmReader, "findContacts" | "getSubjects">;
  idempotency: IdempotencyKeys;
  clock: Clock;
};

type Workflow = { definition: Definition; status: WorkflowStatus };
type Subject = { leadId: string; opportunityId: string | null };
type Answer = { runId: string } | { userErrors: UserError[] };

/** Starts by hand, one contact at a time. */
export class EnrolmentService {
  readonly #options: EnrolmentServiceOptions;

  constructor(options: EnrolmentServiceOptions) {
    this.#options = options;
  }

  async enroll(caller: Caller, input: EnrollInput): Promise<EnrollPayload> {
    const { committer, idempotency, clock } = this.#options;
    const { scope } = caller;
    const [workflow, subject] = await Promise.all([this.#workflow(scope, input), this.#subject(scope, input)]);
    return commitAgain(committer, async (unit) => {
      let started: Run | null = null;
      const call = { operation: "enroll", key: input.idempotencyKey, input, at: clock.now() };
      const once = await idempotency.once<Answer>(scope, call, unit.session, async () => {
        const accounts = chosenAccounts(input);
        if ("userErrors" in workflow) return workflow;
        if ("userErrors" in subject) return subject;
        if ("userErrors" in accounts) return accounts;
        const at = clock.now();
        const id = derivedId(at, workflow.definition.workflowId, newId(at), input.contactId);
        const candidate = {
          id,
          ...subject,
          contactId: input.contactId,
          startedBy: caller.actor,
          enrollingUserId: caller.userId,
          event: null,
          depth: 0,
          chosenAccountIds: accounts.ids,
        };
        const [outcome] = await this.#options.enroller.start(unit, scope, workflow, [candidate]);
        if (outcome?.kind === "started") started = outcome.run;
        if (outcome?.kind !== "refused") return { runId: id };
        const { code, message } = outcome.reason;
        return refused(code, message, ["input", code === "WORKFLOW_NOT_ACTIVE" ? "workflowId" : "contactId"]);
      });
      if ("userError" in once) return { run: null, userErrors: [once.userError] };
      if ("userErrors" in once.answer) return { run: null, userErrors: once.answer.userErrors };
      // What an earlier call with the same key has started may have moved on.
      const run = started ?? (await this.#options.runs.tenant.findOne(scope, { _id: once.answer.runId }, unit.session));
      return { run, userErrors: [] };
    });
  }

  async #workflow(
    { organizationId }: OrganizationScope,
    { workflowId }: EnrollInput,
  ): Promise<Workflow | { userErrors: UserError[] }> {
    const current = isId(workflowId) ? await this.#options.definitions.current([{ organizationId, workflowId }]) : null;
    return current?.get(workflowId) ?? refused("NOT_FOUND", "There is no such workflow.", ["input", "workflowId"]);
  }

  async #subject(
    { organizationId }: OrganizationScope,
    input: EnrollInput,
  ): Promise<Subject | { userErrors: UserError[] }> {
    const { crm } = this.#options;
    const { contactId, opportunityId = null } = input;
    const unknown = refused("NOT_FOUND", "There is no such contact.", ["input", "contactId"]);
    if (!isId(contactId)) return unknown;
    const request = { organizationId, contactIds: [contactId], filterJson: null, afterId: null, limit: 1 };
    const [contact] = (await crm.findContacts(request)).contacts;
    if (!contact) return unknown;
    if (opportunityId === null) return { leadId: contact.leadId, opportunityId };
    const noOpportunity = refused("NOT_FOUND", "The contact's lead has no such opportunity.", [
      "input",
      "opportunityId",
    ]);
    if (!isId(opportunityId)) return noOpportunity;
    const subject = { leadId: contact.leadId, contactId, opportunityId, userIds: [] };
    const [found] = (await crm.getSubjects({ organizationId, subjects: [subject] })).subjects;
    return found?.opportunity?.leadId === contact.leadId ? { leadId: contact.leadId, opportunityId } : noOpportunity;
  }
}

function refused(code: string, message: string, path: string[]): { userErrors: UserError[] } {
  return { userErrors: [userError(code, message, path)] };
}
