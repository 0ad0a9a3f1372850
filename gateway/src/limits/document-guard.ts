import { createHash } from "node:crypto";
import { CadenzaError } from "@cadenza/platform";
import { type DocumentNode, GraphQLError, parse } from "graphql";
import { LRUCache } from "lru-cache";
import { measureDocument, scanTokens } from "./document-size.ts";

/** What an operation may be (API-4). The root field is at depth 1, leaves count, fragments count where they are spread. */
export const DOCUMENT_LIMITS = { depth: 15, fields: 1000, aliases: 100, tokens: 5000 } as const;

/** How deep brackets stand in each other, those of values too: parsing and checking a value recurse, and the stack is finite. */
const MAX_NESTING = 100;

/** A request that is larger than what is answered; refused before anything runs. */
export class TooComplexError extends CadenzaError {
  constructor(message: string) {
    super("TOO_COMPLEX", message);
  }
}

/**
 * Refuses what is too large before it is validated, let alone run; over HTTP and WebSocket alike. What passed once is known.
 * @returns a check that throws TooComplexError. A text that does not parse passes: whoever parses it names its fault.
 */
export function createDocumentGuard(options: { development: boolean }): (text: string) => void {
  const passed = new LRUCache<string, true>({ max: 10_000 });
  return (text) => {
    const key = createHash("sha1").update(text).digest("base64");
    if (passed.get(key)) return;
    const { tokens, nesting } = scanTokens(text, DOCUMENT_LIMITS.tokens);
    if (tokens > DOCUMENT_LIMITS.tokens)
      throw new TooComplexError(`A document has at most ${DOCUMENT_LIMITS.tokens} tokens.`);
    if (nesting > MAX_NESTING) throw new TooComplexError(`Brackets stand at most ${MAX_NESTING} deep in each other.`);
    const document = parsed(text);
    if (document) {
      const size = measureDocument(document, { ignoreIntrospection: options.development });
      for (const limit of ["depth", "fields", "aliases"] as const) {
        if (size[limit] > DOCUMENT_LIMITS[limit])
          throw new TooComplexError(`The operation is too large: ${limit} at most ${DOCUMENT_LIMITS[limit]}.`);
      }
    }
    passed.set(key, true);
  };
}

function parsed(text: string): DocumentNode | null {
  try {
    return parse(text, { noLocation: true, maxTokens: DOCUMENT_LIMITS.tokens });
  } catch (error) {
    if (error instanceof GraphQLError) return null;
    throw error;
  }
}
