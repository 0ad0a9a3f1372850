export { checkCondition, type ConditionFault, MAX_DEPTH, MAX_NODES } from "./check-condition.ts";
export type { ConditionEvent, ConditionSubject } from "./condition-subject.ts";
export { evaluate, type KnownSubject, judge } from "./evaluate.ts";
