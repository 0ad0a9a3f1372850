import { unwrapResolverError } from "@apollo/server/errors";
import { CadenzaError, PUBLIC_ERROR_CODES, ServiceUnavailableError } from "@cadenza/platform";
import { isDatabaseOutage } from "@cadenza/storage";
import type { DocumentNode, GraphQLError, GraphQLFormattedError } from "graphql";
import { inputPathOf } from "./input-path.ts";

const PUBLIC_CODES: ReadonlySet<unknown> = new Set(PUBLIC_ERROR_CODES);
/** What Apollo Server calls what this house calls otherwise. */
const RENAMED: Record<string, string> = {
  PERSISTED_QUERY_NOT_FOUND: "BAD_USER_INPUT",
  PERSISTED_QUERY_NOT_SUPPORTED: "BAD_USER_INPUT",
  OPERATION_RESOLUTION_FAILURE: "BAD_USER_INPUT",
  BAD_REQUEST: "BAD_USER_INPUT",
};
/** Errors of `@nats-io` when the server does not answer. */
const BUS_OUTAGES: ReadonlySet<string> = new Set([
  "ClosedConnectionError",
  "ConnectionError",
  "DrainingConnectionError",
  "NoRespondersError",
  "RequestError",
  "TimeoutError",
]);

/**
 * What a caller may see of an error: known codes as they are, an outage as SERVICE_UNAVAILABLE that names no host, and
 * anything else as INTERNAL with nothing but the request's id.
 */
export function toPublicError(
  formatted: GraphQLFormattedError,
  error: unknown,
  requestId?: string,
): GraphQLFormattedError {
  const cause = unwrapResolverError(error);
  const known =
    cause instanceof CadenzaError
      ? cause
      : isOutage(cause)
        ? new ServiceUnavailableError("A part of Cadenza")
        : undefined;
  if (known)
    return {
      ...formatted,
      message: known.message,
      extensions: { code: known.code, ...(known.inputPath ? { path: known.inputPath } : {}) },
    };
  const extensions = formatted.extensions ?? {};
  const isMalformed = extensions["malformed"] === true;
  const code = isMalformed ? "BAD_USER_INPUT" : (RENAMED[String(extensions["code"])] ?? extensions["code"]);
  // The gateway passes a subgraph's error on as a plain object: its code was made public there.
  if (PUBLIC_CODES.has(code)) {
    const { path, requestId: id, retryAfterMs } = extensions;
    return { ...formatted, extensions: { code, ...defined({ path, requestId: id, retryAfterMs }) } };
  }
  const { message: _message, extensions: _extensions, ...place } = formatted;
  return {
    ...place,
    message: "Something went wrong on our side.",
    extensions: { code: "INTERNAL", ...defined({ requestId: requestId ?? extensions["requestId"] }) },
  };
}

/** Whether an error is the house's own fault and must be logged with its stack. */
export function isUnexpected(error: GraphQLError): boolean {
  return toPublicError(error.toJSON(), error).extensions?.["code"] === "INTERNAL";
}

/** Adds `extensions.path` to what is wrong with a value, before errors are formatted. */
export function locateInput(error: GraphQLError, document: DocumentNode | undefined): void {
  const path = inputPathOf(error, document);
  if (path && error.extensions["path"] === undefined) error.extensions["path"] = path;
}

function isOutage(error: unknown): boolean {
  return isDatabaseOutage(error) || (error instanceof Error && BUS_OUTAGES.has(error.name));
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
