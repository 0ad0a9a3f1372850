import type { Actor, CallView, SendsService } from "@cadenza/contracts";
import type { Committer, UnitOfWork } from "@cadenza/messaging";
import { isId } from "@cadenza/platform";
import type { OrganizationScope, Session } from "@cadenza/storage";
import { badUserInput, type UserError, userError } from "@cadenza/subgraph";
import type { DefinitionSource } from "../engine/definitions.ts";
import type { Engine } from "../engine/engine.ts";
import type { Run } from "../runs/model.ts";
import { type Offer, offerOf } from "./offered-runs.ts";

export type CallResponsesOptions = {
  committer: Committer;
  engine: Engine;
  definitions: DefinitionSource;
  sends: Pick<SendsService, "getCalls">;
};
export type RunsPayload = { runs: Run[]; userErrors: UserError[] };
/** `runIds` left out: all that the call offers. */
export type ResponseRequest = { kind: "markResponded" | "resumeFromCall"; callId: string; runIds: string[] | null };

const MAX_RUNS = 200;

/** Takes everything back that was done to some of the runs. */
class RefusedError extends Error {
  readonly userErrors: UserError[];

  constructor(userErrors: UserError[]) {
    super("Some of the runs refused.");
    this.name = "RefusedError";
    this.userErrors = userErrors;
  }
}

/** "Mark as responded" on a call, and its undoing (GOAL-4). */
export class CallResponses {
  readonly #options: CallResponsesOptions;

  constructor(options: CallResponsesOptions) {
    this.#options = options;
  }

  /** In the order of `callIds`; nothing for a call that does not exist. */
  async offers(scope: OrganizationScope, callIds: readonly string[]): Promise<Offer[]> {
    const calls = await this.#calls(scope, callIds);
    const contactIds = [...new Set(calls.flatMap((call) => call?.contactId ?? []))];
    const runs = await this.#openRuns(scope, contactIds);
    const current = await this.#options.definitions.current(runs);
    const byContact = Map.groupBy(runs, ({ contactId }) => contactId);
    return callIds.map((callId, i) => offerOf(callId, byContact.get(calls[i]?.contactId ?? "") ?? [], current));
  }

  /**
   * All of the runs or none.
   * @throws BAD_USER_INPUT for too many ids.
   */
  async apply(scope: OrganizationScope, actor: Actor, request: ResponseRequest): Promise<RunsPayload> {
    const { callId, runIds } = request;
    if (runIds && runIds.length > MAX_RUNS) throw badUserInput(`At most ${MAX_RUNS} runs.`, ["runIds"]);
    const [call] = await this.#calls(scope, [callId]);
    if (!call) return refused([userError("NOT_FOUND", "There is no such call.", ["callId"])]);
    try {
      return await this.#options.committer.commit(async (unit) => {
        const ids = runIds
          ? await this.#namedRuns(unit, scope, call, runIds)
          : await this.#offeredRuns(unit, scope, call, request.kind);
        return { runs: await this.#move(unit, scope, { ids, actor, request }), userErrors: [] };
      });
    } catch (error) {
      if (error instanceof RefusedError) return refused(error.userErrors);
      throw error;
    }
  }

  async #move(
    unit: UnitOfWork,
    scope: OrganizationScope,
    { ids, actor, request }: { ids: string[]; actor: Actor; request: ResponseRequest },
  ): Promise<Run[]> {
    const { kind, callId, runIds } = request;
    const results = await this.#options.engine.applyIn(unit, scope, ids, { kind, actor, callId });
    const outcomes = ids.map((id) => ({ id, result: results.get(id) ?? null }));
    const refusals = outcomes.flatMap(({ id, result }) => {
      if (!result) return noRun(runIds, id);
      return "refused" in result ? userError(result.refused.code, result.refused.message, pathOf(runIds, id)) : [];
    });
    if (refusals.length > 0) throw new RefusedError(refusals);
    return outcomes.flatMap(({ result }) => (result && "run" in result ? result.run : []));
  }

  /** Another contact's run is none of this call's. */
  async #namedRuns(unit: UnitOfWork, scope: OrganizationScope, call: CallView, runIds: string[]): Promise<string[]> {
    const ids = [...new Set(runIds)];
    const found = await this.#options.engine.runs.tenant.findByIds(scope, ids.filter(isId), unit.session);
    const own = new Set(found.flatMap((run) => (run && run.contactId === call.contactId ? run._id : [])));
    const missing = ids.filter((id) => !own.has(id));
    if (missing.length > 0) throw new RefusedError(missing.map((id) => noRun(runIds, id)));
    return ids;
  }

  async #offeredRuns(
    unit: UnitOfWork,
    scope: OrganizationScope,
    { id, contactId }: CallView,
    kind: ResponseRequest["kind"],
  ): Promise<string[]> {
    const runs = await this.#openRuns(scope, contactId === null ? [] : [contactId], unit.session);
    const offer = offerOf(id, runs, await this.#options.definitions.current(runs));
    const chosen = kind === "markResponded" ? offer.respondable : offer.revocable;
    return chosen.map(({ _id }) => _id);
  }

  /** Newest first. */
  async #openRuns(scope: OrganizationScope, contactIds: readonly string[], session?: Session): Promise<Run[]> {
    if (contactIds.length === 0) return [];
    const filter = { contactId: { $in: [...contactIds] }, open: true };
    return this.#options.engine.runs.tenant.find(scope, filter, { sort: { startedAt: -1, _id: -1 } }, session);
  }

  async #calls({ organizationId }: OrganizationScope, ids: readonly string[]): Promise<(CallView | null)[]> {
    const callIds = [...new Set(ids.filter(isId))];
    if (callIds.length === 0) return ids.map(() => null);
    const { calls } = await this.#options.sends.getCalls({ organizationId, callIds });
    const byId = new Map(calls.flatMap((call) => (call ? [[call.id, call]] : [])));
    return ids.map((id) => byId.get(id) ?? null);
  }
}

function refused(userErrors: UserError[]): RunsPayload {
  return { runs: [], userErrors };
}

function noRun(runIds: readonly string[] | null, id: string): UserError {
  return userError("NOT_FOUND", "The call's contact has no such run.", pathOf(runIds, id));
}

function pathOf(runIds: readonly string[] | null, id: string): string[] {
  return runIds ? ["runIds", String(runIds.indexOf(id))] : ["callId"];
}
