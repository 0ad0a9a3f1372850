import type { Actor, CrmReader } from "@cadenza/contracts";
import { isId } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";
import { type UserError, userError } from "@cadenza/subgraph";
import type { ActionInput, ActionResult, Engine } from "../engine/engine.ts";
import type { Run } from "../runs/model.ts";

export type RunPayload = { run: Run | null; userErrors: UserError[] };

export type RunActionsOptions = { engine: Engine; crm: Pick<CrmReader, "getSubjects"> };

/** What people do to single runs. */
export class RunActions {
  readonly #options: RunActionsOptions;

  constructor(options: RunActionsOptions) {
    this.#options = options;
  }

  /** @param path leads to the run's id among the mutation's arguments. */
  async apply(
    scope: OrganizationScope,
    runId: string,
    input: ActionInput,
    path: readonly string[],
  ): Promise<RunPayload> {
    if (!isId(runId)) return noRun(path);
    const result = (await this.#options.engine.apply(scope, [runId], input)).get(runId) ?? null;
    const isStepsFault = result && "refused" in result && result.refused.code === "STEP_NOT_CURRENT";
    return payloadOf(result, isStepsFault ? ["stepId"] : path);
  }

  /** Another contact of the same lead (ENR-4). */
  async changeRecipient(
    scope: OrganizationScope,
    change: { runId: string; contactId: string; actor: Actor },
  ): Promise<RunPayload> {
    const { engine, crm } = this.#options;
    const { runId, contactId } = change;
    const [run] = isId(runId) ? await engine.runs.tenant.findByIds(scope, [runId]) : [null];
    if (!run) return noRun(["runId"]);
    const unknown = userError("NOT_FOUND", "The run's lead has no such contact.", ["contactId"]);
    if (!isId(contactId)) return { run: null, userErrors: [unknown] };
    const subject = { leadId: run.leadId, contactId, opportunityId: null, userIds: [] };
    const { subjects } = await crm.getSubjects({ organizationId: scope.organizationId, subjects: [subject] });
    if (subjects[0]?.contact?.leadId !== run.leadId) return { run: null, userErrors: [unknown] };
    const result = await engine.changeRecipient(scope, change);
    const isContactsFault = result && "refused" in result && CONTACTS_FAULTS.has(result.refused.code);
    return payloadOf(result, [isContactsFault ? "contactId" : "runId"]);
  }
}

/** Of a new recipient; the run's own are told of the run. */
const CONTACTS_FAULTS: ReadonlySet<string> = new Set(["NOT_FOUND", "ALREADY_ENROLLED", "EXCLUSIVITY"]);

function payloadOf(result: ActionResult, path: readonly string[]): RunPayload {
  if (!result) return noRun(path);
  if ("run" in result) return { run: result.run, userErrors: [] };
  return { run: null, userErrors: [userError(result.refused.code, result.refused.message, path)] };
}

function noRun(path: readonly string[]): RunPayload {
  return { run: null, userErrors: [userError("NOT_FOUND", "There is no such run.", path)] };
}
