export {
  checkCondition,
  type ConditionCatalogue,
  type ConditionFault,
  MAX_DEPTH,
  MAX_NODES,
} from "./check-condition.ts";
export { type Clue, type ClueSource, clueReader, cluesOf } from "./clues.ts";
export { compile, type Judgement } from "./compile.ts";
export type { ConditionEvent, ConditionSubject } from "./condition-subject.ts";
export { evaluate, judge } from "./evaluate.ts";
export type { KnownSubject } from "./known-subject.ts";
export { ToldObject } from "./told-object.ts";
export { foldCase, isInstant } from "./values.ts";
