import type { FieldAssignment, PersonRule, Step } from "@cadenza/contracts";
import type { GraphContext } from "../graph-context.ts";
import { type Places, visibleSteps } from "./places.ts";

/** A step and where it is shown. */
export type ShownStep = Step & { position: number };

export function shownSteps(places: Places): ShownStep[] {
  return visibleSteps(places).map((step, position) => ({ ...step, position }));
}

const TYPE_NAMES: Record<Step["kind"], string> = {
  EMAIL: "EmailStep",
  SMS: "SmsStep",
  CALL: "CallStep",
  TASK: "TaskStep",
  ASSIGN_USER: "AssignUserStep",
  CREATE_OPPORTUNITY: "CreateOpportunityStep",
  UPDATE_LEAD: "UpdateLeadStep",
  UPDATE_OPPORTUNITY: "UpdateOpportunityStep",
};

type StepOf<K extends Step["kind"]> = Extract<Step, { kind: K }>;

const reference = (id: string | null) => id && { id };
const groups = ({ groupIds }: { groupIds: readonly string[] }, _: unknown, { known }: GraphContext) =>
  known.among("groupIds", groupIds);

const message = { template: ({ templateId }: StepOf<"EMAIL" | "SMS">) => reference(templateId) };

export const stepResolvers = {
  Step: { __resolveType: ({ kind }: ShownStep) => TYPE_NAMES[kind] },
  EmailStep: message,
  SmsStep: message,
  TaskStep: {
    due: ({ due }: StepOf<"TASK">) => due ?? { amount: 0, unit: "MINUTE" },
  },
  AssignUserStep: {
    target: ({ targetFieldId }: StepOf<"ASSIGN_USER">) => reference(targetFieldId),
    user: ({ userId }: StepOf<"ASSIGN_USER">) => reference(userId),
    groups,
  },
  FieldAssignment: {
    aiEnrich: ({ aiEnrich }: FieldAssignment) => aiEnrich ?? false,
  },
  PersonRule: {
    user: ({ userId }: PersonRule) => reference(userId),
    groups,
    customField: ({ customFieldId }: PersonRule) => reference(customFieldId),
  },
};
