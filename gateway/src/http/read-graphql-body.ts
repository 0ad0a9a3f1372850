import type { IncomingMessage } from "node:http";
import { badUserInput, parseJsonBody, readBody } from "@cadenza/subgraph";
import { TooComplexError } from "../limits/document-guard.ts";

const MAX_BYTES = 256 * 1024;
const MAX_IMPORT_BYTES = 6 * 1024 * 1024;

export type GraphqlBody = { query: string };

/**
 * The body of a GraphQL request: one operation of 256 KiB, or 6 MiB where it is an import.
 * @throws TooComplexError, BAD_USER_INPUT
 */
export async function readGraphqlBody(request: IncomingMessage): Promise<GraphqlBody> {
  const text = await readBody(request, MAX_IMPORT_BYTES, tooLarge);
  const isLarge = Buffer.byteLength(text) > MAX_BYTES;
  if (isLarge && !text.includes("importLeads")) throw tooLarge();
  const body = parseJsonBody(text);
  if (Array.isArray(body)) throw new TooComplexError("One operation a request: batches are not answered.");
  if (typeof body !== "object" || body === null || !("query" in body) || typeof body.query !== "string")
    throw badUserInput("The body must be a JSON object with a query.", ["query"]);
  if (isLarge && !/^[^"#]*\bimportLeads\s*\(/.test(body.query)) throw tooLarge();
  return body as GraphqlBody;
}

function tooLarge(): TooComplexError {
  return new TooComplexError("A request is at most 256 KiB, an import 6 MiB.");
}
