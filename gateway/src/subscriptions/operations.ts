import { randomUUID } from "node:crypto";
import { CadenzaError, type Logger, ServiceUnavailableError } from "@cadenza/platform";
import { inputPathOf } from "@cadenza/subgraph";
import { type ExecutionArgs, getOperationAST, GraphQLError, parse, validate } from "graphql";
import type { Callers } from "../callers.ts";
import type { Graph } from "../graph.ts";
import type { Principal } from "../identity/principal.ts";
import { RateLimitedError } from "../limits/rate-limiter.ts";
import { deriveQuery, VERSION_KEY } from "./derive-query.ts";
import type { LiveResult, Run } from "./live-execution.ts";
import type { LiveHub } from "./live-hub.ts";
import type { Subscriber } from "./subscriber.ts";

/** As clients send it. */
export type OperationRequest = {
  query: string;
  variables?: Record<string, unknown> | null | undefined;
  operationName?: string | null | undefined;
};
export type OperationsOptions = {
  graph: Graph;
  callers: Callers;
  guard: (document: string) => void;
  hub: LiveHub;
  log: Logger;
};

/** What a socket may ask for: subscriptions, and the queries and mutations that HTTP answers, under the same limits. */
export class Operations {
  readonly #options: OperationsOptions;

  constructor(options: OperationsOptions) {
    this.#options = options;
  }

  /** Counts, measures, parses and validates. @throws CadenzaError, or the validation's errors. */
  prepare(principal: Principal, request: OperationRequest): ExecutionArgs | readonly GraphQLError[] {
    const { callers, guard, graph } = this.#options;
    callers.count(principal);
    guard(request.query);
    const document = parseDocument(request.query);
    const errors =
      document instanceof GraphQLError
        ? [document]
        : validate(graph.schema, document).map((error) => coded(error, "GRAPHQL_VALIDATION_FAILED", document));
    if (errors.length > 0 || document instanceof GraphQLError) return errors;
    if (!getOperationAST(document, request.operationName))
      return [coded(new GraphQLError("Name one of the document's operations."), "BAD_USER_INPUT")];
    return { schema: graph.schema, document, operationName: request.operationName, variableValues: request.variables };
  }

  /** A query or a mutation. */
  async execute(principal: Principal, request: OperationRequest): Promise<LiveResult> {
    const { callers, graph } = this.#options;
    const contextValue = await callers.contextOf(await callers.refresh(principal), randomUUID());
    const response = await graph.server.executeOperation(
      { query: request.query, variables: request.variables ?? {}, operationName: request.operationName ?? undefined },
      { contextValue },
    );
    if (response.body.kind === "incremental") throw new Error("Incremental delivery was not asked for.");
    const { data, errors } = response.body.singleResult;
    return { ...(data === undefined ? {} : { data }), ...(errors ? { errors } : {}) };
  }

  /** A subscription: the present state, then later ones. @throws GraphQLError */
  async subscribe(
    principal: Principal,
    request: OperationRequest,
    document: ExecutionArgs["document"],
  ): Promise<Subscriber> {
    const { graph, hub } = this.#options;
    const variables = request.variables ?? {};
    const live = deriveQuery(graph.schema, document, request.operationName, variables);
    const query = { query: live.query, variables, operationName: request.operationName };
    const run: Run = async () => read(await this.#attempt(principal, query), live.responseKey, live.isVersioned);
    return hub.join(live, {
      organizationId: principal.organizationId,
      scope: `${principal.key}/${principal.role}`,
      variables,
      run,
    });
  }

  /** An outage is a result that is tried again; anything else ends the subscription. */
  async #attempt(principal: Principal, request: OperationRequest): Promise<LiveResult> {
    try {
      return await this.execute(principal, request);
    } catch (error) {
      const known = toGraphqlError(error);
      if (error instanceof ServiceUnavailableError && known) return { errors: [known.toJSON()] };
      if (!known) this.#options.log.error({ err: error }, "A subscription's query failed.");
      throw known ?? error;
    }
  }
}

/** An error of this house as the protocol carries it. */
export function toGraphqlError(error: unknown): GraphQLError | undefined {
  if (error instanceof GraphQLError) return error;
  if (!(error instanceof CadenzaError)) return undefined;
  const extra = {
    ...(error.inputPath ? { path: error.inputPath } : {}),
    ...(error instanceof RateLimitedError ? { retryAfterMs: error.retryAfterMs } : {}),
  };
  return new GraphQLError(error.message, { extensions: { code: error.code, ...extra } });
}

/** Takes the version out, which the caller did not ask for under that name. */
function read(result: LiveResult, responseKey: string, isVersioned: boolean): Awaited<ReturnType<Run>> {
  const root = result.data?.[responseKey];
  if (!isVersioned || typeof root !== "object" || root === null) return { result, root, version: null };
  const { [VERSION_KEY]: version, ...shown } = root as Record<string, unknown>;
  return {
    result: { ...result, data: { ...result.data, [responseKey]: shown } },
    root: shown,
    version: typeof version === "number" ? version : null,
  };
}

function parseDocument(text: string): ExecutionArgs["document"] | GraphQLError {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof GraphQLError) return coded(error, "GRAPHQL_PARSE_FAILED");
    throw error;
  }
}

function coded(error: GraphQLError, code: string, document?: ExecutionArgs["document"]): GraphQLError {
  const { message, nodes, source, positions } = error;
  if (error.extensions["malformed"] !== true)
    return new GraphQLError(message, { nodes, source, positions, extensions: { code } });
  return new GraphQLError(message, {
    nodes,
    source,
    positions,
    extensions: { code: "BAD_USER_INPUT", path: inputPathOf(error, document) },
  });
}
