/** Codes of top-level errors in the graph; each has one meaning (see the contract's header). */
export const PUBLIC_ERROR_CODES = [
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "BAD_USER_INPUT",
  "NOT_FOUND",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "TOO_COMPLEX",
  "RATE_LIMITED",
  "SERVICE_UNAVAILABLE",
  "INTERNAL",
] as const;
export type PublicErrorCode = (typeof PUBLIC_ERROR_CODES)[number];

/** An error whose code and message may be shown to the caller. Subclasses name one cause each. */
export class CadenzaError extends Error {
  readonly code: PublicErrorCode;
  /** Path to the value at fault, as the caller wrote it. Not called `path`: graphql-js takes an error with one for its own. */
  readonly inputPath: readonly string[] | undefined;

  constructor(code: PublicErrorCode, message: string, options: { cause?: unknown; path?: readonly string[] } = {}) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.inputPath = options.path;
  }
}

/** Something this service depends on cannot answer now; the same request may succeed later. Names no host. */
export class ServiceUnavailableError extends CadenzaError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super("SERVICE_UNAVAILABLE", `${what} cannot be reached at the moment. Please try again.`, options);
  }
}

export class ForbiddenError extends CadenzaError {
  constructor(message: string) {
    super("FORBIDDEN", message);
  }
}

export class UnauthenticatedError extends CadenzaError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super("UNAUTHENTICATED", message, options);
  }
}

/** Text of anything thrown, for logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
