import type { Condition } from "@cadenza/contracts";
import { compile } from "./compile.ts";
import type { ConditionSubject } from "./condition-subject.ts";
import type { KnownSubject } from "./known-subject.ts";

/**
 * Whether a condition holds. The condition must have passed `checkCondition`; what is malformed all the same holds for nothing.
 * @param now for moments that are relative to it.
 */
export function evaluate(condition: Condition, subject: ConditionSubject, now: Date): boolean {
  return judge(condition, subject, now) === true;
}

/**
 * The same with part of the subject known: true or false where the rest cannot change it, else undefined. With the event
 * alone, most events that start nothing are told apart before anything is read.
 */
export function judge(condition: Condition, subject: KnownSubject, now: Date): boolean | undefined {
  return compile(condition)(subject, now);
}
