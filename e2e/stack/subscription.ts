import { createClient } from "graphql-ws";
import WebSocket from "ws";

export type Subscription<T> = { states: T[]; errors: unknown[]; closed: () => boolean; stop: () => void };

/** Subscribes as a browser would, and keeps every state that arrives. */
export function subscribe<T = Record<string, any>>(
  wsUrl: string,
  token: string,
  query: string,
  variables: Record<string, unknown> = {},
): Subscription<T> {
  const client = createClient({
    url: wsUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  const states: T[] = [];
  const errors: unknown[] = [];
  let closed = false;
  const end = client.subscribe<T>(
    { query, variables },
    {
      next: ({ data, errors: problems }) => {
        if (data) states.push(data);
        if (problems) errors.push(...problems);
      },
      error: (error) => errors.push(error),
      complete: () => {
        closed = true;
      },
    },
  );
  return {
    states,
    errors,
    closed: () => closed,
    stop: () => {
      end();
      void client.dispose();
    },
  };
}
