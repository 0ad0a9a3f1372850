import { buildSchema, parse } from "graphql";
import { expect, test } from "vitest";
import { deriveQuery } from "./derive-query.ts";

const schema = buildSchema(`
  type Run { id: ID! version: Int! }
  type Workflow { id: ID! name: String! }
  type Query { run(id: ID!): Run workflow(id: ID!): Workflow }
  type Subscription { runUpdated(id: ID!): Run workflowRunsUpdated(workflowId: ID!): Workflow callQueueUpdated: Int }
`);
const derive = (text: string, variables = {}) => {
  const { query, ...live } = deriveQuery(schema, parse(text), undefined, variables);
  return { ...live, field: live.field.query, query: query.replaceAll(/\s+/g, " ") };
};

test("API-7: a subscription is the query of the same object, with its version", () => {
  expect(derive("subscription S($id: ID!) { mine: runUpdated(id: $id) { id } }", { id: "R" })).toEqual({
    field: "run",
    id: "R",
    responseKey: "mine",
    isVersioned: true,
    query: "query S($id: ID!) { mine: run(id: $id) { id cadenzaVersion: version } }",
  });
});

test("API-7: arguments go by the query's names; defaults and fragments serve", () => {
  const workflow = derive(
    `subscription ($w: ID = "W") { ...F } fragment F on Subscription { workflowRunsUpdated(workflowId: $w) { ...N } } fragment N on Workflow { name }`,
  );
  expect(workflow).toMatchObject({ id: "W", responseKey: "workflowRunsUpdated", isVersioned: false });
  expect(workflow.query).toBe(
    `query ($w: ID = "W") { workflowRunsUpdated: workflow(id: $w) { ...N } } fragment N on Workflow { name }`,
  );
});

test("API-5: a field that cannot be watched is refused", () => {
  for (const field of ["callQueueUpdated", "__typename"])
    expect(() => derive(`subscription { ${field} }`)).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
});
