import type { Goals, WorkflowProblem, WorkflowStatus } from "@cadenza/contracts";
import { badUserInput, checkText, pageArguments, toCountedConnection } from "@cadenza/subgraph";
import type { GraphContext } from "../graph-context.ts";
import { LIMITS } from "../limits.ts";
import { editsAt, type StepEditInput } from "../steps/apply-edits.ts";
import { shownSteps } from "../steps/resolvers.ts";
import type { StepInput } from "../steps/step-input.ts";
import { problemsOf } from "../validation/problems-of.ts";
import { referenceIdsOf } from "../validation/reference-ids.ts";
import type { Workflow, WorkflowSchedule } from "./model.ts";
import type { WorkflowOutcome } from "./outcome.ts";
import type { CreateWorkflowInput, UpdateWorkflowInput } from "./service.ts";
import type { WorkflowPosition } from "./store.ts";

type Id = { id: string };
type StepTarget = { workflowId: string; expectedRevision: number };
type ListArguments = { first?: number; after?: string; status?: WorkflowStatus[] | null; search?: string | null };

export const workflowResolvers = {
  Query: {
    workflow: (_: unknown, { id }: Id, { loaders }: GraphContext) => loaders.workflow.load(id),
    workflows: async (_: unknown, args: ListArguments, { scope, stores }: GraphContext) => {
      const { limit, after } = pageArguments(args);
      if (args.search) checkText(args.search, ["search"], { max: LIMITS.name });
      const filter = {
        ...(args.status ? { status: args.status } : {}),
        ...(args.search ? { search: args.search } : {}),
      };
      const page = { after: after === null ? null : positionOf(after), limit: limit + 1 };
      const found = await stores.workflows.list(scope, filter, page);
      return toCountedConnection(
        found,
        { limit, after },
        ({ updatedAt, _id }) => `${updatedAt.getTime()}:${_id}`,
        () => stores.workflows.count(scope, filter),
      );
    },
  },
  Mutation: {
    createWorkflow: (_: unknown, { input }: { input: CreateWorkflowInput }, context: GraphContext) =>
      context.services.workflows.create(context, input),
    updateWorkflow: (_: unknown, { id, input }: Id & { input: UpdateWorkflowInput }, context: GraphContext) =>
      context.services.workflows.update(context, id, input),
    addStep: (_: unknown, args: StepTarget & { step: StepInput; position?: number | null }, context: GraphContext) =>
      editOne(context, args, { add: { step: args.step, position: args.position ?? null } }),
    updateStep: (_: unknown, args: StepTarget & { stepId: string; step: StepInput }, context: GraphContext) =>
      editOne(context, args, { update: { stepId: args.stepId, step: args.step } }),
    moveStep: (_: unknown, args: StepTarget & { stepId: string; position: number }, context: GraphContext) =>
      editOne(context, args, { move: { stepId: args.stepId, position: args.position } }),
    removeStep: (_: unknown, args: StepTarget & { stepId: string }, context: GraphContext) =>
      editOne(context, args, { remove: args.stepId }),
    editSteps: (_: unknown, args: StepTarget & { edits: StepEditInput[] }, context: GraphContext) => {
      const { workflowId, expectedRevision, edits } = args;
      return context.services.workflows.editSteps(context, workflowId, expectedRevision, editsAt(edits, ["edits"]));
    },
    activateWorkflow: (_: unknown, { id }: Id, context: GraphContext) =>
      context.services.statuses.activate(context, id),
    archiveWorkflow: (_: unknown, { id }: Id, context: GraphContext) => context.services.statuses.archive(context, id),
    restoreRevision: (_: unknown, args: StepTarget & { number: number }, context: GraphContext) =>
      context.services.workflows.restore(context, args.workflowId, args.expectedRevision, args.number),
    duplicateWorkflow: (_: unknown, { id, name }: Id & { name: string }, context: GraphContext) =>
      context.services.workflows.duplicate(context, id, name),
  },
  Workflow: {
    __resolveReference: ({ id }: Id, { loaders }: GraphContext) => loaders.workflow.load(id),
    id: ({ _id }: Workflow) => _id,
    name: ({ content }: Workflow) => content.name,
    description: ({ content }: Workflow) => content.description,
    owner: ({ content }: Workflow) => ({ id: content.ownerId }),
    trigger: ({ content }: Workflow) => content.trigger,
    steps: ({ content }: Workflow) => shownSteps(content.places),
    recipient: ({ content }: Workflow) => ({ mode: content.recipient }),
    schedule: ({ content }: Workflow) => content.schedule,
    goals: ({ content }: Workflow) => content.goals,
    reentry: ({ content }: Workflow) => content.reentry,
    exclusivity: ({ content }: Workflow) => content.exclusivity,
    problems: (workflow: Workflow, _: unknown, context: GraphContext) => problemsFor(workflow, context),
  },
  Goals: {
    leadStatuses: ({ leadStatusIds }: Goals, _: unknown, { known }: GraphContext) =>
      known.among("leadStatusIds", leadStatusIds),
    opportunityStatuses: ({ opportunityStatusIds }: Goals, _: unknown, { known }: GraphContext) =>
      known.among("opportunityStatusIds", opportunityStatusIds),
  },
  CommunicationSchedule: {
    blackoutCalendars: async ({ blackoutCalendarIds }: WorkflowSchedule, _: unknown, { loaders }: GraphContext) => {
      const found = await Promise.all(blackoutCalendarIds.map((id) => loaders.calendar.load(id)));
      return found.filter((calendar) => calendar !== null);
    },
  },
  WorkflowPayload: {
    /** After a refusal what it was refused for; after a change what still stands in the way of activation. */
    problems: async (outcome: WorkflowOutcome, _: unknown, context: GraphContext) => {
      if (!outcome.workflow) return outcome.problems;
      const { unresolved = [] } = outcome;
      const told = new Set(unresolved.map(({ stepId, field }) => `${stepId} ${field}`));
      const others = await problemsFor(outcome.workflow, context);
      return [...unresolved, ...others.filter(({ stepId, field }) => !told.has(`${stepId} ${field}`))];
    },
  },
};

/** A mutation of one step: its arguments are the edit's. */
function editOne(context: GraphContext, target: StepTarget, edit: StepEditInput): Promise<WorkflowOutcome> {
  const paths = { edit: [], step: ["step"], stepId: ["stepId"], position: ["position"] };
  return context.services.workflows.editSteps(context, target.workflowId, target.expectedRevision, [{ edit, paths }]);
}

async function problemsFor({ content }: Workflow, { scope, references }: GraphContext): Promise<WorkflowProblem[]> {
  return problemsOf(content, await references.read(scope, referenceIdsOf(content)));
}

function positionOf(cursor: string): WorkflowPosition {
  const [at, id] = cursor.split(":");
  const updatedAt = new Date(Number(at));
  if (!id || Number.isNaN(updatedAt.getTime())) throw badUserInput("after is not a cursor of this list.", ["after"]);
  return { updatedAt, id };
}
