import type { Actor } from "@cadenza/contracts";
import { isId } from "@cadenza/platform";
import { requireRole } from "@cadenza/subgraph";
import type { ActionInput } from "../engine/engine.ts";
import { shownStatus } from "../runs/held-back.ts";
import type { Run, RunStatus, StepExecution } from "../runs/model.ts";
import type { GraphContext } from "./graph-context.ts";
import { nextAction } from "./next-action.ts";
import type { RunFilter } from "./run-filter.ts";
import type { RunPage } from "./run-queries.ts";

type Identified = { id: string };

const reference = (id: string | null): Identified | null => (id === null ? null : { id });

/** A mutation that does one thing to one run. */
const act =
  (kind: "pause" | "resume" | "cancel" | "retry") =>
  (_: unknown, { id }: Identified, context: GraphContext) => {
    requireRole(context, "MEMBER");
    const input: ActionInput = { kind, actor: context.actor };
    return context.actions.apply(context.scope, id, input, ["id"]);
  };

/** What an edit changes of a run, wherever the run comes from (EDIT-3). */
const shown =
  <T>(show: (run: Run) => T) =>
  (run: Run, _: unknown, context: GraphContext): T | Promise<T> =>
    context.shown.isBehind(run) ? context.shownRun.load(run).then(show) : show(run);

export const runResolvers = {
  Query: {
    run: (_: unknown, { id }: Identified, { runById }: GraphContext) => (isId(id) ? runById.load(id) : null),
    runs: (_: unknown, { filter, ...page }: RunPage & { filter?: RunFilter | null }, { scope, runs }: GraphContext) =>
      runs.list(scope, page, filter ?? {}),
  },
  Mutation: {
    pauseRun: act("pause"),
    resumeRun: act("resume"),
    cancelRun: act("cancel"),
    retryRun: act("retry"),
    skipStep: (_: unknown, { runId, stepId }: { runId: string; stepId: string }, context: GraphContext) => {
      requireRole(context, "MEMBER");
      return context.actions.apply(context.scope, runId, { kind: "skipStep", actor: context.actor, stepId }, ["runId"]);
    },
    changeRecipient: (_: unknown, change: { runId: string; contactId: string }, context: GraphContext) => {
      requireRole(context, "MEMBER");
      return context.actions.changeRecipient(context.scope, { ...change, actor: context.actor });
    },
  },
  Run: {
    __resolveReference: ({ id }: Identified, { runById }: GraphContext) => (isId(id) ? runById.load(id) : null),
    id: ({ _id }: Run) => _id,
    workflow: ({ workflowId }: Run) => reference(workflowId),
    lead: ({ leadId }: Run) => reference(leadId),
    contact: ({ contactId }: Run) => reference(contactId),
    opportunity: ({ opportunityId }: Run) => reference(opportunityId),
    nextAction: shown(nextAction),
    executions: shown(({ executions }) => executions),
    transitions: (run: Run, _: unknown, { scope, runs }: GraphContext) => runs.transitions(scope, run),
  },
  StepExecution: {
    status: shownStatus,
    message: ({ messageId }: StepExecution) => reference(messageId),
    task: ({ taskId }: StepExecution) => reference(taskId),
  },
  Actor: {
    user: ({ kind, id }: Actor) => (kind === "USER" ? reference(id) : null),
  },
  Lead: {
    __resolveReference: ({ id }: Identified) => ({ id }),
    runs: (
      { id }: Identified,
      { status, ...page }: RunPage & { status?: RunStatus[] | null },
      { scope, runs }: GraphContext,
    ) => runs.list(scope, page, { leadIds: [id], status: status ?? null }),
  },
  Contact: {
    __resolveReference: ({ id }: Identified) => ({ id }),
    runs: (
      { id }: Identified,
      { status, ...page }: RunPage & { status?: RunStatus[] | null },
      { scope, runs }: GraphContext,
    ) => runs.list(scope, page, { contactIds: [id], status: status ?? null }),
  },
  Workflow: {
    __resolveReference: ({ id }: Identified) => ({ id }),
    runs: (
      { id }: Identified,
      { filter, ...page }: RunPage & { filter?: RunFilter | null },
      { scope, runs }: GraphContext,
    ) => {
      const others = filter?.workflowIds && !filter.workflowIds.includes(id);
      return runs.list(scope, page, { ...filter, workflowIds: others ? [] : [id] });
    },
  },
};
