import type { Definition, Reason } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { OrganizationScope, Session } from "@cadenza/storage";
import type { Engine } from "../engine/engine.ts";
import type { NewRun } from "../runs/new-run.ts";
import type { RunRepository } from "../runs/run-repository.ts";

/** Open runs of an exclusivity group by their contacts; a contact has one at most (ENR-2). */
export async function runsOfGroup(
  runs: RunRepository,
  { organizationId, group, contactIds }: { organizationId: string; group: string; contactIds: readonly string[] },
  session: Session,
): Promise<Map<string, string>> {
  const open = await runs.rivals(organizationId, { contactIds, workflowIds: [], groups: [group] }, session);
  return new Map(open.map(({ contactId, _id }) => [contactId, _id]));
}

/**
 * Ends what starts replace, in their transaction: before them, because the index admits one open run of a group.
 * @returns those that could not be ended; nothing starts beside them.
 */
export async function replaceRuns(
  engine: Pick<Engine, "moveIn">,
  unit: UnitOfWork,
  scope: OrganizationScope,
  definition: Definition,
  replacing: readonly { start: Pick<NewRun, "startedBy">; replaces: string | null }[],
): Promise<Set<string>> {
  const reason = replacedBy(definition);
  const moves = replacing.flatMap(({ start, replaces }) =>
    replaces === null ? [] : [{ runId: replaces, input: { kind: "cancel" as const, actor: start.startedBy, reason } }],
  );
  if (moves.length === 0) return new Set();
  const results = await engine.moveIn(unit, scope, moves);
  return new Set([...results].flatMap(([runId, result]) => (result && "run" in result ? [] : [runId])));
}

function replacedBy({ name, exclusivity }: Definition): Reason {
  const message = `The contact was enrolled in the workflow "${name}", which replaces others of the exclusivity group "${exclusivity?.group}".`;
  return { code: "REPLACED", message };
}
