import type { PublicErrorCode } from "@cadenza/platform";
import { GraphQLError, type GraphQLFormattedError } from "graphql";

/** What ends a subscription. */
export function liveError(code: PublicErrorCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

export function fromFormatted({ message, extensions, path }: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(message, { extensions: extensions ?? {}, ...(path ? { path } : {}) });
}
