import { completeTypeDefs } from "@cadenza/subgraph";
import { expect, test } from "vitest";
import { composeSupergraph, CompositionError } from "./compose-supergraph.ts";
import { contractChanges } from "./contract-changes.ts";

const crm = {
  name: "crm",
  typeDefs: completeTypeDefs([
    `type Query { lead(id: ID!): Lead } type Lead @key(fields: "id") { id: ID! createdAt: DateTime! }`,
  ]),
};
const tasks = {
  name: "tasks",
  typeDefs: completeTypeDefs([
    `type Lead @key(fields: "id") { id: ID! open: Int! } type Subscription { leadUpdated(id: ID!): Lead }`,
  ]),
};

test("API-1: what several subgraphs add to one type is one type to the client", () => {
  const { api } = composeSupergraph([crm, tasks]);
  expect(api).toContain("type Lead {\n  createdAt: DateTime!\n  id: ID!\n  open: Int!\n}");
  expect(api).toContain("leadUpdated(id: ID!): Lead");
  expect(api).not.toContain("_entities");
});

test("API-1: the same subgraphs give the same text", () => {
  expect(composeSupergraph([crm, tasks])).toEqual(composeSupergraph([crm, tasks]));
});

test("API-1: subgraphs that contradict each other do not compose", () => {
  const other = {
    name: "other",
    typeDefs: completeTypeDefs([`type Lead @key(fields: "id") { id: ID! createdAt: String! }`]),
  };
  expect(() => composeSupergraph([crm, other])).toThrow(CompositionError);
});

test("API-1: what breaks a client is told from what is not built yet", () => {
  const contract = "type Query { a(x: Int): Int! b: String }";
  expect(contractChanges(contract, "type Query { a(x: Int): Int! b: String c: Int }")).toEqual({
    differs: [],
    missing: [],
  });
  expect(contractChanges(contract, "type Query { a(x: Int): Int }").differs).toHaveLength(1);
  expect(contractChanges(contract, "type Query { a(x: Int): Int! }")).toEqual({
    differs: [],
    missing: ["Query.b was removed."],
  });
  expect(contractChanges(contract, "type Query { a(x: Int!): Int! b: String }").differs).toHaveLength(1);
});
