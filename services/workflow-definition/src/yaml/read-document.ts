import { type UserError, userError } from "@cadenza/subgraph";
import type { z } from "zod";
import { documentSchema, FORMAT, VERSION, type WorkflowDocument } from "./document.ts";
import { readYamlText, type YamlText } from "./yaml-text.ts";

/** A person mends one fault after another; more of them at once are only noise. */
const MAX_ERRORS = 50;

export type ReadDocument = { document: WorkflowDocument; lineOf: YamlText["lineOf"] };

/** Reads a document's text; every fault has its path in the document and says its line. Pure. */
export function readDocument(text: string): ReadDocument | UserError[] {
  const read = readYamlText(text);
  if (Array.isArray(read)) {
    return read.slice(0, MAX_ERRORS).map(({ code, message, path }) => userError(code, message, ["yaml", ...path]));
  }
  const parsed = documentSchema.safeParse(read.value);
  if (parsed.success) return { document: parsed.data, lineOf: read.lineOf };
  const foreign = formatFault(read.value);
  if (foreign) return [foreign];
  return parsed.error.issues.flatMap((issue) => errorsOf(issue, read)).slice(0, MAX_ERRORS);
}

/** A document of something else has no other fault worth telling. */
function formatFault(value: unknown): UserError | null {
  const head = (typeof value === "object" && value !== null ? value : {}) as { format?: unknown; version?: unknown };
  if (head.format !== FORMAT) {
    return userError("UNSUPPORTED_FORMAT", `A workflow's document begins with "format: ${FORMAT}".`, [
      "yaml",
      "format",
    ]);
  }
  if (head.version === VERSION) return null;
  return userError("UNSUPPORTED_FORMAT", `Only version ${VERSION} of the format is read.`, ["yaml", "version"]);
}

function errorsOf(issue: z.core.$ZodIssue, { lineOf, value }: YamlText): UserError[] {
  const path = issue.path.map(String);
  const at = (code: string, message: string, where: readonly string[]): UserError =>
    userError(code, `${message} (line ${lineOf(where)})`, ["yaml", ...where]);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => at("UNKNOWN_KEY", `"${key.slice(0, 100)}" is not known here.`, [...path, key]));
  }
  if (valueAt(value, path) === undefined) return [at("REQUIRED", `"${path.at(-1)}" is missing.`, path)];
  return [at("INVALID_VALUE", issue.message.replace(/^Invalid (?:input|option): e/, "E"), path)];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (typeof node === "object" && node !== null ? (node as Record<string, unknown>)[key] : undefined),
    value,
  );
}
