/** What a mutation answers besides its result. */
interface UserError {
  readonly code: string;
  readonly message: string;
}

/** The graph or a rule of the product refused; the message is what it said. */
export class SeedError extends Error {
  override readonly name = "SeedError";
}

/** Asks the stack's own graph as one of its users. */
export class Graph {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async query<T>(query: string, variables: object = {}): Promise<T> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.#token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(15_000),
    });
    const answer = (await response.json()) as { data?: T | null; errors?: { message: string; path?: string[] }[] };
    if (answer.errors?.length || !answer.data) {
      const said = answer.errors?.map(({ message, path }) => `${path?.join(".") ?? "request"}: ${message}`);
      throw new SeedError(said?.join("; ") ?? `the graph answered ${response.status}`);
    }
    return answer.data;
  }

  /** The payload of a mutation with one root field. */
  async change<T extends object>(mutation: string, variables: object): Promise<T> {
    const data = await this.query<Record<string, T & { userErrors: UserError[] }>>(mutation, variables);
    const [payload] = Object.values(data);
    if (!payload) throw new SeedError("the mutation answered nothing");
    const [error] = payload.userErrors;
    if (error) throw new SeedError(`${error.code}: ${error.message}`);
    return payload;
  }
}
