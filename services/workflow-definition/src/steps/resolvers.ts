import type { PersonRule, Step } from "@cadenza/contracts";
import { type Places, visibleSteps } from "./places.ts";

/** A step and where it is shown. */
export type ShownStep = Step & { position: number };

export function shownSteps(places: Places): ShownStep[] {
  return visibleSteps(places).map((step, position) => ({ ...step, position }));
}

const TYPE_NAMES: Record<Step["kind"], string> = {
  EMAIL: "EmailStep",
  TASK: "TaskStep",
  UPDATE_LEAD: "UpdateLeadStep",
};

type StepOf<K extends Step["kind"]> = Extract<Step, { kind: K }>;

export const stepResolvers = {
  Step: { __resolveType: ({ kind }: ShownStep) => TYPE_NAMES[kind] },
  EmailStep: {
    template: ({ templateId }: StepOf<"EMAIL">) => templateId && { id: templateId },
  },
  TaskStep: {
    due: ({ due }: StepOf<"TASK">) => due ?? { amount: 0, unit: "MINUTE" },
  },
  PersonRule: {
    user: ({ userId }: PersonRule) => userId && { id: userId },
    customField: ({ customFieldId }: PersonRule) => customFieldId && { id: customFieldId },
  },
};
