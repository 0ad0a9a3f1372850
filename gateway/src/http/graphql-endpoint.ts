import type { IncomingMessage, ServerResponse } from "node:http";
import { CadenzaError, type Handler, type Histogram, type Logger, traced } from "@cadenza/platform";
import { answerGraphql, sendGraphqlError } from "@cadenza/subgraph";
import type { Callers } from "../callers.ts";
import type { Graph } from "../graph.ts";
import { RateLimitedError } from "../limits/rate-limiter.ts";
import { REQUEST_TIMEOUT_MS } from "../request-context.ts";
import { readGraphqlBody } from "./read-graphql-body.ts";
import { requestIdOf } from "./request-id.ts";
import { allowAnyOrigin, setSecurityHeaders } from "./security-headers.ts";

export type EndpointOptions = {
  graph: Graph;
  callers: Callers;
  guard: (document: string) => void;
  development: boolean;
  seconds: Histogram<"outcome">;
  log: Logger;
};

/** POST /graphql: who asks, whether it is not too much, and the answer. */
export function createGraphqlEndpoint(options: EndpointOptions): Handler {
  return async (request, response) => {
    setSecurityHeaders(request, response);
    if (options.development) allowAnyOrigin(response);
    if (options.development && request.method === "OPTIONS") return void response.writeHead(204).end();
    const requestId = requestIdOf(request);
    response.setHeader("x-request-id", requestId);
    const stop = options.seconds.startTimer();
    try {
      const traceparent = String(request.headers["traceparent"] ?? "");
      await traced("gateway request", { traceparent }, () => answer(options, request, response, requestId));
      stop({ outcome: "answered" });
    } catch (error) {
      stop({ outcome: "refused" });
      refuse(response, error);
    }
  };
}

async function answer(
  { graph, callers, guard, log }: EndpointOptions,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  if (request.method !== "POST") throw new CadenzaError("BAD_USER_INPUT", "Only POST is answered here.");
  const principal = await callers.authenticate(request.headers.authorization);
  callers.count(principal);
  log.debug({ requestId, organizationId: principal.organizationId, caller: principal.key }, "A request.");
  const body = await readGraphqlBody(request);
  guard(body.query);
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  await answerGraphql(graph.server, { headers: request.headers, body }, response, () =>
    callers.contextOf(principal, requestId, { signal: gone.signal, timeoutMs: timeoutMsOf(body.query) }),
  );
}

/** Answers an error that came before the document was looked at. */
export function refuse(response: ServerResponse, error: unknown): void {
  if (!(error instanceof CadenzaError)) throw error;
  if (error instanceof RateLimitedError) {
    response.setHeader("retry-after", String(Math.ceil(error.retryAfterMs / 1000)));
    sendGraphqlError(response, error, { retryAfterMs: error.retryAfterMs });
  } else sendGraphqlError(response, error);
}

/** Moving the test clock waits for what became due, 30 seconds at most (OPS-3); every other request has its 10. */
const TEST_CLOCK_TIMEOUT_MS = 35_000;

function timeoutMsOf(query: string): number {
  return query.includes("advanceTestClock") ? TEST_CLOCK_TIMEOUT_MS : REQUEST_TIMEOUT_MS;
}
