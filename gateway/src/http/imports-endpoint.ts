import { pipeline } from "node:stream/promises";
import { CadenzaError, type Handler, type Logger, messageOf, ServiceUnavailableError } from "@cadenza/platform";
import type { Callers } from "../callers.ts";
import type { ReplicaPool } from "../subgraphs/replica-pool.ts";
import { refuse } from "./graphql-endpoint.ts";
import { requestIdOf } from "./request-id.ts";
import { allowAnyOrigin, setSecurityHeaders } from "./security-headers.ts";

/** An upload may be slow; one that stands still this long is given up. */
const IDLE_TIMEOUT_MS = 60_000;

/** POST /imports?format=CSV&key=…: streams a file of any size to crm, which answers with the job (CRM-4). */
export function createImportsEndpoint(options: {
  crm: ReplicaPool;
  callers: Callers;
  development: boolean;
  log: Logger;
}): Handler {
  return async (request, response) => {
    setSecurityHeaders(request, response);
    if (options.development) allowAnyOrigin(response);
    if (options.development && request.method === "OPTIONS") return void response.writeHead(204).end();
    const requestId = requestIdOf(request);
    response.setHeader("x-request-id", requestId);
    try {
      if (request.method !== "POST") throw new CadenzaError("BAD_USER_INPUT", "Only POST is answered here.");
      const principal = await options.callers.authenticate(request.headers.authorization);
      options.callers.count(principal);
      const { identityToken } = await options.callers.contextOf(principal, requestId);
      const answer = await options.crm
        .request({
          path: `/imports${request.url?.includes("?") ? request.url.slice(request.url.indexOf("?")) : ""}`,
          method: "POST",
          headers: {
            "content-type": request.headers["content-type"] ?? "application/octet-stream",
            "x-cadenza-identity": identityToken,
            "x-request-id": requestId,
          },
          body: request,
          headersTimeout: IDLE_TIMEOUT_MS,
          bodyTimeout: IDLE_TIMEOUT_MS,
          isRepeatable: false,
        })
        .catch((cause: unknown) => {
          options.log.warn({ requestId, reason: messageOf(cause) }, "crm did not take an import.");
          throw new ServiceUnavailableError("Importing", { cause });
        });
      response.writeHead(answer.statusCode, {
        "content-type": String(answer.headers["content-type"] ?? "application/json"),
      });
      await pipeline(answer.body, response);
    } catch (error) {
      refuse(response, error);
    }
  };
}
