export { createSubgraph, type Resolvers, type SubgraphOptions } from "./create-subgraph.ts";
export { errorPlugin } from "./error-plugin.ts";
export { answerGraphql, parseJsonBody, readBody, sendGraphqlError } from "./graphql-http.ts";
export { IDEMPOTENCY_INDEXES, type IdempotentCall, IdempotencyKeys, inputHash } from "./idempotency.ts";
export { badUserInput, notFound } from "./input/bad-user-input.ts";
export { checkJson } from "./input/check-json.ts";
export { checkText, type TextLimits } from "./input/check-text.ts";
export {
  type Connection,
  type CountedConnection,
  encodeCursor,
  pageArguments,
  toConnection,
  toCountedConnection,
} from "./input/paging.ts";
export { inputPathOf } from "./input-path.ts";
export { toPublicError } from "./public-error.ts";
export type { RequestContext } from "./request-context.ts";
export { requireRole } from "./require-role.ts";
export { scalarResolvers, scalarTypeDefs } from "./scalars/index.ts";
export { completeTypeDefs } from "./sdl/complete-type-defs.ts";
export { loadTypeDefs } from "./sdl/load-type-defs.ts";
export { sharedTypeDefs } from "./sdl/shared-type-defs.ts";
export { type UserError, userError } from "./user-error.ts";
