import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from "@apollo/gateway";
import { currentTraceparent, type Logger, messageOf, realClock, ServiceUnavailableError } from "@cadenza/platform";
import { GraphQLError } from "graphql";
import type { Dispatcher } from "undici";
import { type GatewayContext, REQUEST_TIMEOUT_MS } from "../request-context.ts";
import type { ReplicaPool } from "./replica-pool.ts";

type Answer = Awaited<ReturnType<GraphQLDataSource["process"]>>;

/**
 * Fetches from one subgraph. When it does not answer, its fields fail with SERVICE_UNAVAILABLE, which names neither host
 * nor subgraph; what other subgraphs answer stands (API-6).
 */
export class SubgraphDataSource implements GraphQLDataSource<GatewayContext> {
  readonly #name: string;
  readonly #replicas: ReplicaPool;
  readonly #log: Logger;

  constructor(name: string, replicas: ReplicaPool, log: Logger) {
    this.#name = name;
    this.#replicas = replicas;
    this.#log = log;
  }

  async process(options: GraphQLDataSourceProcessOptions<GatewayContext>): Promise<Answer> {
    const { query, variables, operationName } = options.request;
    const context = options.context as Partial<GatewayContext>;
    const isMutation = query?.startsWith("mutation") ?? false;
    const remainingMs = Math.max(
      1,
      (context.deadlineAtMs ?? realClock.now().getTime() + REQUEST_TIMEOUT_MS) - realClock.now().getTime(),
    );
    try {
      const response = await this.#replicas.request({
        method: "POST",
        headers: headersOf(context),
        body: JSON.stringify({ query, variables, operationName }),
        headersTimeout: remainingMs,
        bodyTimeout: remainingMs,
        // A mutation is finished even when nobody waits for it: half of one helps nobody.
        signal: isMutation ? undefined : context.signal,
        isRepeatable: !isMutation,
      });
      return await this.#read(response);
    } catch (error) {
      if (error instanceof GraphQLError) throw error;
      if (!context.signal?.aborted)
        this.#log.warn(
          { subgraph: this.#name, requestId: context.requestId, reason: messageOf(error) },
          "A subgraph did not answer.",
        );
      throw unavailable();
    }
  }

  async #read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Answer> {
    const isJson = String(headers["content-type"]).includes("json");
    const answer = isJson ? ((await body.json()) as Answer) : (await body.dump(), undefined);
    if (statusCode === 401) throw new Error("the subgraph does not accept the gateway's signature");
    if (statusCode >= 500 || !answer || (answer.data === undefined && answer.errors === undefined))
      throw new Error(`answered ${statusCode}`);
    return answer;
  }
}

function headersOf(context: Partial<GatewayContext>): Record<string, string> {
  const traceparent = currentTraceparent();
  return {
    "content-type": "application/json",
    ...(context.identityToken ? { "x-cadenza-identity": context.identityToken } : {}),
    ...(context.requestId ? { "x-request-id": context.requestId } : {}),
    ...(context.deadlineAtMs ? { "x-cadenza-deadline": String(context.deadlineAtMs) } : {}),
    ...(traceparent ? { traceparent } : {}),
  };
}

function unavailable(): GraphQLError {
  const { message, code } = new ServiceUnavailableError("A part of Cadenza");
  return new GraphQLError(message, { extensions: { code } });
}
