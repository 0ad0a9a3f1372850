import type { ApolloServerPlugin } from "@apollo/server";
import type { Logger } from "@cadenza/platform";
import { isUnexpected, locateInput } from "./public-error.ts";

/** Gives malformed values their path, logs what is the house's own fault, and puts the request's id on it. */
export function errorPlugin<C extends object>(log: Logger, requestIdOf: (context: C) => string): ApolloServerPlugin<C> {
  return {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors, document, contextValue, operationName }) {
          for (const error of errors) {
            locateInput(error, document);
            if (!isUnexpected(error)) continue;
            const requestId = requestIdOf(contextValue);
            error.extensions["requestId"] = requestId;
            log.error(
              { err: error.originalError ?? error, requestId, operationName, path: error.path?.join(".") },
              "A request met an error that nobody expected.",
            );
          }
        },
      };
    },
  };
}
