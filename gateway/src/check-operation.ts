import type { ApolloServerPlugin } from "@apollo/server";
import { GraphQLError } from "graphql";
import type { GatewayContext } from "./request-context.ts";

/** Refuses over HTTP what the planner would stumble over: an operation that is not in the document, or a subscription. */
export const checkOperation: ApolloServerPlugin<GatewayContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        if (!operation) throw refusal("Name one of the document's operations.");
        if (operation.operation === "subscription") {
          throw refusal("Subscriptions are answered over WebSocket (graphql-transport-ws) at this address.");
        }
      },
    };
  },
};

function refusal(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT", http: { status: 400 } } });
}
