import type { CrmReader } from "@cadenza/contracts";
import type { Committer, UnitOfWork } from "@cadenza/messaging";
import { type Clock, isId, newId } from "@cadenza/platform";
import type { Filter, OrganizationScope } from "@cadenza/storage";
import { badUserInput, checkText, type IdempotencyKeys, type UserError, userError } from "@cadenza/subgraph";
import type { DefinitionSource } from "../engine/definitions.ts";
import { type ChosenAccounts, chosenAccounts } from "../enrolment/chosen-accounts.ts";
import { commitAgain } from "../enrolment/commit-again.ts";
import type { Caller } from "../enrolment/enrolment-service.ts";
import { START_REFUSALS } from "../enrolment/start-refusals.ts";
import { checkRunFilter, type RunFilter, toQuery } from "../run-graph/run-filter.ts";
import type { Run } from "../runs/model.ts";
import type { RunStore } from "../runs/store.ts";
import type { BulkJob, BulkRunAction } from "./bulk-job.ts";
import type { BulkStore } from "./bulk-store.ts";
import { BULK_WAKE_SUBJECT } from "./bulk-worker.ts";
import type { LaneStore } from "./lane-store.ts";
import { Tally } from "./tally.ts";
import { checkWhere } from "./check-where.ts";

export type ContactFilter = {
  ids?: readonly string[] | null;
  leadIds?: readonly string[] | null;
  search?: string | null;
  where?: unknown;
};
export type EnrollManyInput = ChosenAccounts & {
  workflowId: string;
  contactIds?: readonly string[] | null;
  contactFilter?: ContactFilter | null;
  idempotencyKey?: string | null;
};
export type BulkRunActionArguments = { action: BulkRunAction; filter: RunFilter; idempotencyKey?: string | null };
export type BulkJobPayload = { job: BulkJob | null; userErrors: UserError[] };

export type BulkServiceOptions = {
  committer: Committer;
  jobs: BulkStore;
  lanes: LaneStore;
  runs: RunStore;
  definitions: DefinitionSource;
  crm: Pick<CrmReader, "findContacts">;
  idempotency: IdempotencyKeys;
  clock: Clock;
};

type Answer = { jobId: string } | { userErrors: UserError[] };
type Call = { operation: string; key: string | null | undefined; input: unknown };

const MAX_CONTACTS = 10_000;
const MAX_SEARCH = 200;

/** Begins, cancels and shows bulk jobs; the worker does them. */
export class BulkService {
  readonly #options: BulkServiceOptions;

  constructor(options: BulkServiceOptions) {
    this.#options = options;
  }

  async find(scope: OrganizationScope, id: string): Promise<BulkJob | null> {
    const job = isId(id) ? await this.#options.jobs.find(scope, id) : null;
    return job && this.#withPage(job);
  }

  /** @throws BAD_USER_INPUT */
  async enrollMany(caller: Caller, input: EnrollManyInput): Promise<BulkJobPayload> {
    checkContacts(input);
    await checkWhere(this.#options.crm, caller.scope, input.contactFilter ?? {}, ["input", "contactFilter"]);
    const { organizationId } = caller.scope;
    const { workflowId, contactIds, contactFilter } = input;
    const current = isId(workflowId) ? await this.#options.definitions.current([{ organizationId, workflowId }]) : null;
    const call = { operation: "enrollMany", key: input.idempotencyKey, input };
    return this.#once(caller, call, async (unit) => {
      const workflow = current?.get(workflowId);
      if (!workflow) return refused("NOT_FOUND", "There is no such workflow.", ["input", "workflowId"]);
      const accounts = chosenAccounts(input);
      if ("userErrors" in accounts) return accounts;
      const inactive = START_REFUSALS.workflowNotActive(workflow.status);
      if (workflow.status !== "ACTIVE") return refused(inactive.code, inactive.message, ["input", "workflowId"]);
      const work = {
        kind: "ENROLL" as const,
        workflowId,
        contactIds: contactIds ? [...new Set(contactIds)].sort() : null,
        filterJson: contactIds ? null : JSON.stringify(contactFilter),
        chosenAccountIds: accounts.ids,
        enrollingUserId: caller.userId,
      };
      return this.#begin(caller, work, work.contactIds?.length ?? null, unit);
    });
  }

  /** @throws BAD_USER_INPUT */
  async runAction(caller: Caller, { action, filter, idempotencyKey }: BulkRunActionArguments): Promise<BulkJobPayload> {
    checkRunFilter(filter, ["filter"]);
    const total = await this.#options.runs.tenant.count(caller.scope, toQuery(filter) as Filter<Run>);
    const call = { operation: "bulkRunAction", key: idempotencyKey, input: { action, filter } };
    return this.#once(caller, call, (unit) =>
      this.#begin(caller, { kind: action, filter: { ...filter } }, total, unit),
    );
  }

  async cancel(scope: OrganizationScope, id: string): Promise<BulkJobPayload> {
    const { committer, jobs, lanes } = this.#options;
    const unknown = { job: null, ...refused("NOT_FOUND", "There is no such job.", ["id"]) };
    if (!isId(id)) return unknown;
    const payload = await committer.commit(async (unit): Promise<BulkJobPayload> => {
      const canceled = await jobs.cancel(scope, id, unit);
      if (canceled) return { job: canceled, userErrors: [] };
      const job = await jobs.find(scope, id, unit.session);
      if (!job) return unknown;
      if (job.status === "CANCELED") return { job, userErrors: [] };
      return { job: null, ...refused("BULK_JOB_NOT_RUNNING", `The job has ended (${job.status}).`, ["id"]) };
    });
    if (!payload.job) return payload;
    await lanes.close(scope, id);
    return { ...payload, job: await this.#withPage(payload.job) };
  }

  /** With what the page in hand has come to: its counts become the job's when it is done, or never, when it is canceled. */
  async #withPage(job: BulkJob): Promise<BulkJob> {
    if (job.work.kind !== "ENROLL" || job.status === "SUCCEEDED") return job;
    const page = new Tally();
    for (const lane of await this.#options.lanes.ofPage(job)) page.add(lane);
    const { processed, succeeded, skipped, failed } = page.counts;
    return {
      ...job,
      processed: job.processed + processed,
      succeeded: job.succeeded + succeeded,
      skipped: job.skipped + skipped,
      failed: job.failed + failed,
      reasons: page.addedTo(job.reasons),
    };
  }

  async #once({ scope }: Caller, call: Call, work: (unit: UnitOfWork) => Promise<Answer>): Promise<BulkJobPayload> {
    const { committer, idempotency, jobs, clock } = this.#options;
    return commitAgain(committer, async (unit) => {
      const once = await idempotency.once(scope, { ...call, at: clock.now() }, unit.session, () => work(unit));
      if ("userError" in once) return { job: null, userErrors: [once.userError] };
      if ("userErrors" in once.answer) return { job: null, userErrors: once.answer.userErrors };
      return { job: await jobs.find(scope, once.answer.jobId, unit.session), userErrors: [] };
    });
  }

  async #begin(
    { scope, actor }: Caller,
    work: BulkJob["work"],
    total: number | null,
    unit: UnitOfWork,
  ): Promise<Answer> {
    const now = this.#options.clock.now();
    const _id = newId(now);
    await this.#options.jobs.insert(
      scope,
      {
        _id,
        organizationId: scope.organizationId,
        version: 1,
        createdAt: now,
        updatedAt: now,
        status: "RUNNING",
        actor,
        work,
        total,
        processed: 0,
        succeeded: 0,
        skipped: 0,
        failed: 0,
        reasons: [],
        startedAt: now,
        endedAt: null,
        cursor: "",
        upTo: lastIdOf(_id),
        holder: null,
        leaseUntil: new Date(0),
        faults: 0,
      },
      unit,
    );
    unit.wake(BULK_WAKE_SUBJECT);
    return { jobId: _id };
  }
}

/** The last id that the millisecond of `id` can have. */
function lastIdOf(id: string): string {
  return id.slice(0, 10) + "Z".repeat(16);
}

function checkContacts({ contactIds, contactFilter }: EnrollManyInput): void {
  if (Boolean(contactIds) === Boolean(contactFilter))
    throw badUserInput("Exactly one of contactIds and contactFilter is needed.", ["input"]);
  const lists = {
    contactIds,
    "contactFilter.ids": contactFilter?.ids,
    "contactFilter.leadIds": contactFilter?.leadIds,
  };
  for (const [name, ids] of Object.entries(lists))
    if ((ids?.length ?? 0) > MAX_CONTACTS)
      throw badUserInput(`At most ${MAX_CONTACTS} ids.`, ["input", ...name.split(".")]);
  if (contactFilter?.search) checkText(contactFilter.search, ["input", "contactFilter", "search"], { max: MAX_SEARCH });
}

function refused(code: string, message: string, path: string[]): { userErrors: UserError[] } {
  return { userErrors: [userError(code, message, path)] };
}
