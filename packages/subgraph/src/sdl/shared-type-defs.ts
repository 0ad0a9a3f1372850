/** Types that several subgraphs answer with; `createSubgraph` adds those that a schema uses and does not define. */
export const sharedTypeDefs = `
type PageInfo @shareable { hasNextPage: Boolean! endCursor: String }
type UserError @shareable { code: String! message: String! path: [String!] }
"Why something is as it is: a stable code and one sentence a person can act on."
type Reason @shareable { code: String! message: String! }
type DeletePayload @shareable { deletedId: ID userErrors: [UserError!]! }
`;
