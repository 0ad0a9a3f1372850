import { LiquidError } from "liquidjs";
import { MissingVariableError, UnprintableVariableError } from "./required-value.ts";

export const TEMPLATE_REASON_CODES = [
  "TEMPLATE_VARIABLE_MISSING",
  "TEMPLATE_INVALID",
  "TEMPLATE_TOO_LARGE",
  "TEMPLATE_TOO_SLOW",
] as const;
export type TemplateReason = { code: (typeof TEMPLATE_REASON_CODES)[number]; message: string };

export const TEMPLATE_TOO_LARGE: TemplateReason = {
  code: "TEMPLATE_TOO_LARGE",
  message: "The template, or what it makes, is too long. Shorten it.",
};
const TEMPLATE_TOO_SLOW: TemplateReason = {
  code: "TEMPLATE_TOO_SLOW",
  message: "The template takes too long. Take out loops that go round many times.",
};

export function tookTooLong(reason: TemplateReason): boolean {
  return reason === TEMPLATE_TOO_SLOW;
}

/** What a person can do about an error of the template engine. */
export function reasonOfError(error: unknown): TemplateReason {
  const cause = causeOf(error);
  if (cause instanceof MissingVariableError) return missing(cause.variable);
  if (cause instanceof UnprintableVariableError) {
    return invalid(`The template prints {{ ${short(cause.variable)} }}, which is not a text. Name one of its fields.`);
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  const undefinedVariable = /^undefined variable: ([^\n]*?)(?:, line:.*)?$/.exec(message.split("\n", 1)[0]!)?.[1];
  if (undefinedVariable !== undefined) return missing(undefinedVariable);
  if (message.startsWith("template render limit exceeded")) return TEMPLATE_TOO_SLOW;
  if (message.includes("limit exceeded") || cause instanceof RangeError) return TEMPLATE_TOO_LARGE;
  return invalid(`The template is not valid Liquid: ${short(message.split("\n", 1)[0]!)}`);
}

function causeOf(error: unknown): unknown {
  let cause = error;
  while (LiquidError.is(cause) && cause.originalError) cause = cause.originalError;
  return cause;
}

function missing(variable: string): TemplateReason {
  return {
    code: "TEMPLATE_VARIABLE_MISSING",
    message: `The template needs {{ ${short(variable)} }}, which is missing or empty here. Fill it in, or give the template a fallback with "default".`,
  };
}

function invalid(message: string): TemplateReason {
  return { code: "TEMPLATE_INVALID", message };
}

function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
