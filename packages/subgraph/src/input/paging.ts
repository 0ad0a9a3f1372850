import { badUserInput } from "./bad-user-input.ts";

const MAX_CURSOR_LENGTH = 1024;

export type Connection<T> = {
  nodes: T[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
};

/**
 * Checks a connection's arguments. Ask the store for `limit + 1` documents and give them to `toConnection`.
 * @param limits.max `first` at most (default 200); limits.default where it is left out (default 50).
 * @returns `after` decoded: the sort key after which the page begins.
 * @throws BAD_USER_INPUT for a `first` outside 1..max, or a cursor that is none.
 */
export function pageArguments(
  args: { first?: number | null | undefined; after?: string | null | undefined },
  limits: { max?: number; default?: number } = {},
): { limit: number; after: string | null } {
  const { max = 200, default: usual = 50 } = limits;
  const limit = args.first ?? usual;
  if (limit < 1 || limit > max) throw badUserInput(`first must be from 1 to ${max}.`, ["first"]);
  return { limit, after: args.after === null || args.after === undefined ? null : decodeCursor(args.after) };
}

/**
 * @param documents up to `limit + 1` of them: one too many says that there is a next page.
 * @param sortKeyOf what the list is sorted by, as the text that `pageArguments` gives back as `after`.
 */
export function toConnection<T>(
  documents: readonly T[],
  limit: number,
  sortKeyOf: (document: T) => string,
): Connection<T> {
  const nodes = documents.slice(0, limit);
  const last = nodes.at(-1);
  const pageInfo = {
    hasNextPage: documents.length > limit,
    endCursor: last === undefined ? null : encodeCursor(sortKeyOf(last)),
  };
  return { nodes, pageInfo };
}

/** A connection whose `totalCount` is found out only where it is asked for. */
export type CountedConnection<T> = Connection<T> & { totalCount: () => Promise<number> };

/**
 * Like `toConnection`, with the number of all documents. A first page that holds everything is its own count: it costs
 * no second query, and cannot disagree with what the page shows.
 */
export function toCountedConnection<T>(
  documents: readonly T[],
  page: { limit: number; after: string | null },
  sortKeyOf: (document: T) => string,
  count: () => Promise<number>,
): CountedConnection<T> {
  const connection = toConnection(documents, page.limit, sortKeyOf);
  const isWhole = page.after === null && !connection.pageInfo.hasNextPage;
  return { ...connection, totalCount: isWhole ? async () => connection.nodes.length : count };
}

export function encodeCursor(sortKey: string): string {
  return Buffer.from(sortKey).toString("base64url");
}

function decodeCursor(cursor: string): string {
  const sortKey = cursor.length <= MAX_CURSOR_LENGTH ? Buffer.from(cursor, "base64url").toString() : "";
  if (sortKey === "" || encodeCursor(sortKey) !== cursor)
    throw badUserInput("after is not a cursor of this list.", ["after"]);
  return sortKey;
}
