/** What the gateway answered: data, errors, and the HTTP status they came with. */
export type GraphAnswer<T> = {
  status: number;
  data: T | null;
  errors: { message: string; path?: (string | number)[]; extensions?: { code?: string; path?: string[] } }[];
};

/** Asks the graph as one principal, as any client would. */
export class GraphClient {
  readonly url: string;
  readonly token: string | null;

  constructor(url: string, token: string | null) {
    this.url = url;
    this.token = token;
  }

  async ask<T = Record<string, unknown>>(
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<GraphAnswer<T>> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(this.token ? { authorization: `Bearer ${this.token}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as { data?: T; errors?: GraphAnswer<T>["errors"] };
    return { status: response.status, data: body.data ?? null, errors: body.errors ?? [] };
  }

  /** The data, or an error with everything the gateway said. */
  async data<T = Record<string, any>>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const answer = await this.ask<T>(query, variables);
    if (answer.errors.length > 0 || answer.data === null)
      throw new Error(`The graph answered ${answer.status}: ${JSON.stringify(answer.errors)}\n${query}`);
    return answer.data;
  }

  /** The payload of a mutation with one root field; an error where it has userErrors. */
  async change<T = Record<string, any>>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const data = await this.data<Record<string, T & { userErrors?: unknown[] }>>(query, variables);
    const [payload] = Object.values(data);
    if (!payload) throw new Error("The mutation answered nothing.");
    if (payload.userErrors && payload.userErrors.length > 0) throw new Error(`userErrors: ${JSON.stringify(payload)}`);
    return payload;
  }
}
