import {
  CONDITION_OPS,
  type Condition,
  type ConditionOp,
  type ConditionTest,
  type CustomFieldView,
  type TriggerEvent,
} from "@cadenza/contracts";
import { nodeOf } from "./condition-shape.ts";
import { type FieldCatalogue, fieldAt, type PathProblem } from "./field-lookup.ts";
import type { FieldType } from "./field-type.ts";
import { allows, faultOfValue, needsHistory } from "./operator-rules.ts";

/** Nodes that a condition may have. */
export const MAX_NODES = 200;
/** Levels that a condition may have. */
export const MAX_DEPTH = 10;
/** A person mends one fault after another; more of them at once are only noise. */
const MAX_FAULTS = 20;

/** `path` points into the condition: `["all", "0", "test", "value"]`. */
export type ConditionFault = { code: string; message: string; path: string[] };

/** What a condition may speak of. */
export type ConditionCatalogue = {
  customFields: readonly CustomFieldView[];
  /** The event that it is judged at. Null: there is none, as in a filter, and `event.…` is refused. Left out: any event. */
  event?: TriggerEvent | null;
};

/**
 * What is wrong with a condition, by the organization's custom fields and the event that it is judged at; empty where
 * nothing is. Takes any value: what comes from outside has any shape. Never looks at more than `MAX_NODES` nodes, nor
 * deeper than `MAX_DEPTH`.
 */
export function checkCondition(condition: Condition | unknown, catalogue: ConditionCatalogue): ConditionFault[] {
  const customFields = new Map(catalogue.customFields.map((field) => [field.id, field]));
  const checker = new Checker({ customFields, event: catalogue.event });
  checker.check(condition, [], 1);
  return checker.faults;
}

class Checker {
  readonly faults: ConditionFault[] = [];
  readonly #catalogue: FieldCatalogue;
  #nodes = 0;

  constructor(catalogue: FieldCatalogue) {
    this.#catalogue = catalogue;
  }

  check(condition: unknown, path: string[], depth: number): void {
    this.#nodes++;
    if (this.#nodes === MAX_NODES + 1)
      this.#report("CONDITION_TOO_LARGE", `A condition has at most ${MAX_NODES} parts.`, path);
    if (this.#nodes > MAX_NODES || this.faults.length >= MAX_FAULTS) return;
    if (depth > MAX_DEPTH)
      return this.#report("CONDITION_TOO_DEEP", `A condition has at most ${MAX_DEPTH} levels.`, path);
    const node = nodeOf(condition);
    if (!node) return this.#report("CONDITION_SHAPE", "Exactly one of all, any, not, test is needed here.", path);
    switch (node.kind) {
      case "all":
      case "any":
        if (node.of.length === 0)
          return this.#report("CONDITION_SHAPE", `"${node.kind}" needs at least one condition.`, [...path, node.kind]);
        for (const [index, part] of node.of.entries()) {
          this.check(part, [...path, node.kind, String(index)], depth + 1);
          if (this.#nodes > MAX_NODES) return;
        }
        return;
      case "not":
        return this.check(node.of, [...path, "not"], depth + 1);
      case "test":
        return this.#checkTest(node.test, [...path, "test"]);
    }
  }

  #checkTest({ path: at, op, value }: ConditionTest, path: string[]): void {
    const field = fieldAt(at, this.#catalogue);
    if (typeof field === "string") return this.#report(field, this.#pathMessage(field, at), [...path, "path"]);
    if (!isOp(op)) return this.#report("UNKNOWN_OPERATOR", `"${shown(op)}" is not an operator.`, [...path, "op"]);
    if (!allows(op, field))
      return this.#report("OPERATOR_NOT_ALLOWED", operatorMessage(op, field, at), [...path, "op"]);
    const fault = faultOfValue(op, field, value);
    if (fault) this.#report("VALUE_NOT_ALLOWED", `${op} on "${at}" ${fault}.`, [...path, "value"]);
  }

  #pathMessage(problem: PathProblem, path: string): string {
    const { event } = this.#catalogue;
    switch (problem) {
      case "UNKNOWN_PATH":
        return `"${shown(path)}" is not a field that conditions know${event ? ` at ${event}` : ""}.`;
      case "UNKNOWN_CUSTOM_FIELD":
        return `"${shown(path)}" names a custom field that does not exist.`;
      case "CUSTOM_FIELD_OF_OTHER_OBJECT":
        return `"${shown(path)}" names a custom field of another object.`;
      case "PATH_NOT_IN_EVENT":
        return event ? `${event} brings no opportunity: "${shown(path)}" is always empty.` : "There is no event here.";
    }
  }

  #report(code: string, message: string, path: string[]): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push({ code, message, path });
  }
}

function isOp(op: string): op is ConditionOp {
  return (CONDITION_OPS as readonly string[]).includes(op);
}

function operatorMessage(op: ConditionOp, field: FieldType, at: string): string {
  return needsHistory(op) && !field.hasHistory
    ? `${op} does not fit "${at}": the event tells nothing of its earlier value.`
    : `${op} does not fit "${at}".`;
}

function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
