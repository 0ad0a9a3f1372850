import type { Step } from "@cadenza/contracts";

/** What a kind of step has of its own. */
export type SettingsOf<S extends Step> = Omit<S, "id" | "name" | "delay">;

type SettingsOfEach<S extends Step> = S extends Step ? SettingsOf<S> : never;
export type StepSettings = SettingsOfEach<Step>;

/** The keys of `StepInput` that hold a kind's settings. */
export const STEP_KEYS = {
  EMAIL: "email",
  SMS: "sms",
  CALL: "call",
  TASK: "task",
  ASSIGN_USER: "assignUser",
  CREATE_OPPORTUNITY: "createOpportunity",
  UPDATE_LEAD: "updateLead",
  UPDATE_OPPORTUNITY: "updateOpportunity",
} as const satisfies Record<Step["kind"], string>;
export type StepKey = (typeof STEP_KEYS)[Step["kind"]];
