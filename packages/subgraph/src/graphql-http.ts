import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApolloServer, type BaseContext, HeaderMap } from "@apollo/server";
import { CadenzaError, type PublicErrorCode, sendJson } from "@cadenza/platform";

const HTTP_STATUS: Partial<Record<PublicErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  SERVICE_UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** Reads a body as text. @throws what `refusal` makes (default BAD_USER_INPUT) once it is larger than `maxBytes`, without reading on. */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  refusal: () => CadenzaError = () => tooLarge(maxBytes),
): Promise<string> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > maxBytes) throw refusal();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw refusal();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** @throws BAD_USER_INPUT */
export function parseJsonBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CadenzaError("BAD_USER_INPUT", "The body is not JSON.", { cause });
  }
}

/** Answers one GraphQL request whose body has been read. */
export async function answerGraphql<C extends BaseContext>(
  server: ApolloServer<C>,
  request: { headers: IncomingMessage["headers"]; body: unknown },
  response: ServerResponse,
  context: () => Promise<C>,
): Promise<void> {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  const answer = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: "POST", headers, search: "", body: request.body },
    context,
  });
  response.statusCode = answer.status ?? 200;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  if (answer.body.kind === "complete") response.end(answer.body.string);
  else {
    for await (const chunk of answer.body.asyncIterator) response.write(chunk);
    response.end();
  }
}

/** An error before a GraphQL document was looked at, in GraphQL's shape. The connection is closed where the body was left unread. */
export function sendGraphqlError(
  response: ServerResponse,
  error: CadenzaError,
  extra: Record<string, unknown> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  if (!response.req.complete) response.setHeader("connection", "close");
  const extensions = { code: error.code, ...(error.inputPath ? { path: error.inputPath } : {}), ...extra };
  sendJson(response, HTTP_STATUS[error.code] ?? 400, { errors: [{ message: error.message, extensions }] });
}

function tooLarge(maxBytes: number): CadenzaError {
  return new CadenzaError("BAD_USER_INPUT", `A request is at most ${Math.floor(maxBytes / 1024)} KiB.`);
}
