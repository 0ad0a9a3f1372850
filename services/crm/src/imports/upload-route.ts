import type { IncomingMessage, ServerResponse } from "node:http";
import { ROLES, type Role } from "@cadenza/contracts";
import { CadenzaError, type Handler, sendJson, ServiceUnavailableError, UnauthenticatedError } from "@cadenza/platform";
import { verifyInternalIdentity } from "@cadenza/rpc";
import { isDatabaseOutage, organizationScope } from "@cadenza/storage";
import { requireRole, sendGraphqlError } from "@cadenza/subgraph";
import type { Caller } from "../changes/crm-writer.ts";
import type { ImportFormat } from "./import-job.ts";
import type { ImportService } from "./service.ts";

/** Largest file that is taken. */
const MAX_UPLOAD_BYTES = 200 * 1024 * 1024;

/**
 * `POST /imports?format=CSV&key=…`: an import larger than the graph takes, its content streamed. Answers 202 with the
 * job's id, or 400 with what the caller must put right.
 */
export function uploadRoute(imports: ImportService, options: { internalSecret: string }): Handler {
  return async (request, response) => {
    try {
      await answer(request, response, imports, options.internalSecret);
    } catch (error) {
      if (error instanceof CadenzaError) return sendGraphqlError(response, error);
      if (!isDatabaseOutage(error)) throw error;
      sendGraphqlError(response, new ServiceUnavailableError("The CRM", { cause: error }));
    }
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  imports: ImportService,
  secret: string,
): Promise<void> {
  if (request.method !== "POST") throw new CadenzaError("BAD_USER_INPUT", "Only POST is answered here.");
  const caller = await callerOf(request, secret);
  const query = new URL(request.url ?? "/", "http://localhost").searchParams;
  const format = query.get("format") ?? "CSV";
  if (format !== "CSV" && format !== "JSONL") {
    throw new CadenzaError("BAD_USER_INPUT", "format is CSV or JSONL.", { path: ["format"] });
  }
  const input = { format: format as ImportFormat, content: request, key: query.get("key"), maxBytes: MAX_UPLOAD_BYTES };
  const outcome = await imports.start(caller, input, { content: ["body"], key: ["key"] });
  if (response.destroyed) return;
  if (outcome.ok) return sendJson(response, 202, { id: outcome.value, status: "RUNNING", userErrors: [] });
  if (!request.complete) response.setHeader("connection", "close");
  sendJson(response, 400, { id: null, userErrors: outcome.problems });
}

async function callerOf(request: IncomingMessage, secret: string): Promise<Caller> {
  const token = request.headers["x-cadenza-identity"];
  if (typeof token !== "string")
    throw new UnauthenticatedError("This service answers only what the gateway has signed.");
  const { organizationId, role, actor } = await verifyInternalIdentity(token, secret);
  if (!ROLES.includes(role as Role)) throw new UnauthenticatedError("Only people and their clients import.");
  requireRole({ role: role as Role }, "MEMBER");
  return { scope: organizationScope(organizationId), actor };
}
