import { CadenzaError } from "@cadenza/platform";
import { notFound, type RequestContext, requireRole, type UserError, userError } from "@cadenza/subgraph";
import { visibleSteps } from "../steps/places.ts";
import { type Caller, requireOwnership } from "../workflows/caller.ts";
import { refused, type WorkflowOutcome } from "../workflows/outcome.ts";
import type { CreateWorkflowInput, WorkflowService } from "../workflows/service.ts";
import type { WorkflowStore } from "../workflows/store.ts";
import type { Directory } from "./directory.ts";
import { documentPath } from "./input-path.ts";
import { NameResolver, type Place } from "./name-resolver.ts";
import { type ReadDocument, readDocument } from "./read-document.ts";
import { toDocument } from "./to-document.ts";
import { toInput } from "./to-input.ts";
import { wantedIn, wantedOf } from "./wanted-names.ts";
import { writeYaml } from "./write-yaml.ts";

export type WorkflowYamlOptions = { workflows: WorkflowService; store: WorkflowStore; directory: Directory };

/** Workflows as documents that people read, keep and carry to another organization (WF-8). */
export class WorkflowYamlService {
  readonly #options: WorkflowYamlOptions;

  constructor(options: WorkflowYamlOptions) {
    this.#options = options;
  }

  /** @throws NOT_FOUND */
  async export(viewer: Pick<RequestContext, "scope" | "role" | "userId">, id: string): Promise<string> {
    const workflow = await this.#options.store.find(viewer.scope, id);
    if (!workflow) throw notFound("workflow");
    const book = await this.#options.directory.read(viewer, wantedOf(workflow.content));
    const { document, remarks } = toDocument(workflow.content, book);
    return writeYaml(document, remarks);
  }

  /** A new draft each time. Goes the way of `createWorkflow`, so that the same limits and checks hold. */
  async import(caller: Caller, text: string): Promise<WorkflowOutcome> {
    requireRole(caller, "MEMBER");
    requireOwnership(caller, null);
    const read = readDocument(text);
    if (Array.isArray(read)) return refused(...read);
    const { document } = read;
    const resolver = new NameResolver(await this.#options.directory.read(caller, wantedIn(document)));
    const ownerId = ownerOf(caller, document.owner, resolver);
    const input = { ...toInput(document, resolver), ownerId };
    const outcome = await this.#create(caller, input, resolver.empty);
    if (!outcome.workflow)
      return { ...outcome, userErrors: outcome.userErrors.map((error) => inDocument(error, read)) };
    const steps = visibleSteps(outcome.workflow.content.places);
    const unresolved = resolver.problems.map(({ step, ...problem }) => ({
      ...problem,
      stepId: step === null ? null : (steps[step]?.id ?? null),
    }));
    return { ...outcome, unresolved };
  }

  /** What is malformed there is the document's fault, and is told like its others. */
  async #create(caller: Caller, input: CreateWorkflowInput, empty: readonly Place[]): Promise<WorkflowOutcome> {
    const places = empty.map(inputPath);
    // The fault of a list stands at the list, what is empty at an entry of it.
    const isLeftEmpty = (path: readonly string[]): boolean =>
      places.some((place) => path.length >= place.length - 1 && path.every((key, index) => place[index] === key));
    try {
      return await this.#options.workflows.create(caller, input, isLeftEmpty);
    } catch (error) {
      if (!(error instanceof CadenzaError) || error.code !== "BAD_USER_INPUT") throw error;
      return refused(userError("INVALID_VALUE", error.message, error.inputPath));
    }
  }
}

/** An admin may import for another; whoever else imports owns what they import (API-2). */
function ownerOf(caller: Caller, text: string | null | undefined, resolver: NameResolver): string | null {
  const place = { step: null, field: "ownerId" };
  const named = resolver.user(text, place);
  if (named === null || caller.role === "ADMIN" || named === caller.userId) return named ?? caller.userId;
  const message = `The document's owner is "${text?.slice(0, 200)}"; only an admin imports for another, so it is yours.`;
  resolver.problems.push({ ...place, code: "OWNER_REPLACED", message });
  return caller.userId;
}

function inputPath({ step, field }: Place): string[] {
  return ["input", ...(step === null ? [] : ["steps", String(step)]), ...field.split(".")];
}

function inDocument({ code, message, path }: UserError, { lineOf }: ReadDocument): UserError {
  const where = documentPath(path ?? []);
  return userError(code, where.length > 0 ? `${message} (line ${lineOf(where)})` : message, ["yaml", ...where]);
}
