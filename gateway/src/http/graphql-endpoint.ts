import type { IncomingMessage, ServerResponse } from "node:http";
import { CadenzaError, type Handler, type Histogram } from "@cadenza/platform";
import { answerGraphql, sendGraphqlError } from "@cadenza/subgraph";
import type { Callers } from "../callers.ts";
import type { Graph } from "../graph.ts";
import { RateLimitedError } from "../limits/rate-limiter.ts";
import { readGraphqlBody } from "./read-graphql-body.ts";
import { requestIdOf } from "./request-id.ts";
import { allowAnyOrigin, setSecurityHeaders } from "./security-headers.ts";

export type EndpointOptions = {
  graph: Graph;
  callers: Callers;
  guard: (document: string) => void;
  development: boolean;
  seconds: Histogram<"outcome">;
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
      await answer(options, request, response, requestId);
      stop({ outcome: "answered" });
    } catch (error) {
      stop({ outcome: "refused" });
      refuse(response, error);
    }
  };
}

async function answer(
  { graph, callers, guard }: EndpointOptions,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  if (request.method !== "POST") throw new CadenzaError("BAD_USER_INPUT", "Only POST is answered here.");
  const principal = await callers.authenticate(request.headers.authorization);
  callers.count(principal);
  const body = await readGraphqlBody(request);
  guard(body.query);
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  await answerGraphql(graph.server, { headers: request.headers, body }, response, () =>
    callers.contextOf(principal, requestId, gone.signal),
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
