import { createLogger, Metrics, OpsServer, ServiceUnavailableError } from "@cadenza/platform";
import { signInternalIdentity } from "@cadenza/rpc";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSubgraph } from "./create-subgraph.ts";
import { badUserInput } from "./input/bad-user-input.ts";
import { pageArguments, toConnection } from "./input/paging.ts";
import type { RequestContext } from "./request-context.ts";
import { requireRole } from "./require-role.ts";

const SECRET = "a secret of at least thirty-two characters";
const log = createLogger({ service: "test", level: "silent" });
const http = new OpsServer({ log, metrics: new Metrics({ service: "test" }) });

const typeDefs = `
  type Thing @key(fields: "id") { id: ID! at: DateTime! reason: Reason }
  type ThingConnection { nodes: [Thing!]! pageInfo: PageInfo! }
  input ThingInput { at: DateTime! from: LocalTime zone: TimeZone price: Decimal day: Date data: JSON parts: [ThingInput!] }
  type Query { whoAmI: String! thing(input: ThingInput!): Thing! things(first: Int = 50, after: String): ThingConnection! fails(how: String!): String }
  type Subscription { thingUpdated(id: ID!): Thing }
`;
const resolvers = {
  Query: {
    whoAmI: (_: unknown, _args: unknown, { scope, role, userId, requestId }: RequestContext) =>
      [scope.organizationId, role, userId, requestId].join(" "),
    thing: (_: unknown, { input }: { input: { at: Date } }) => ({ id: "1", at: input.at, reason: null }),
    things: (_: unknown, args: { first: number; after: string | null }) => {
      const { limit, after } = pageArguments(args);
      const all = ["a", "b", "c"].filter((id) => after === null || id > after).map((id) => ({ id, at: new Date(0) }));
      return toConnection(all.slice(0, limit + 1), limit, ({ id }) => id);
    },
    fails: (_: unknown, { how }: { how: string }, context: RequestContext) => {
      if (how === "outage")
        throw new ServiceUnavailableError("The database", { cause: new Error("connect ECONNREFUSED 10.1.2.3:27017") });
      if (how === "role") requireRole(context, "ADMIN");
      if (how === "value") throw badUserInput("Too long.", ["input", "name"]);
      throw new Error("secret detail mongodb://10.1.2.3");
    },
  },
  Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, at: new Date(0) }) },
};

let url = "";
beforeAll(async () => {
  await createSubgraph({
    name: "test",
    typeDefs: [typeDefs],
    resolvers,
    context: (base) => base,
    http,
    internalSecret: SECRET,
    log,
  });
  url = `http://127.0.0.1:${await http.listen(0)}/graphql`;
});
afterAll(() => http.close());

const identity = {
  organizationId: "ORG",
  role: "MEMBER" as const,
  actor: { kind: "USER" as const, id: "U1", label: "Ann" },
};
type Answer = {
  data?: Record<string, unknown>;
  errors?: { message: string; path?: string[]; extensions: Record<string, unknown> }[];
};

async function ask(
  query: string,
  variables: Record<string, unknown> = {},
  token?: string,
): Promise<Answer & { status: number }> {
  const signed = token ?? (await signInternalIdentity(identity, SECRET));
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-request-id": "R1",
      ...(signed ? { "x-cadenza-identity": signed } : {}),
    },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, ...((await response.json()) as Answer) };
}

test("API-2: what the gateway has signed is answered, on behalf of whom it says", async () => {
  expect((await ask("{ whoAmI }")).data).toEqual({ whoAmI: "ORG MEMBER U1 R1" });
});

test("API-2: a direct call without an identity, with a foreign one or a service's is refused", async () => {
  const foreign = await signInternalIdentity(identity, "another secret of at least 32 characters!");
  const expired = await signInternalIdentity(identity, SECRET, { ttlSeconds: -5 });
  const service = await signInternalIdentity({ ...identity, role: "SERVICE" }, SECRET);
  for (const token of ["", "nonsense", foreign, expired, service]) {
    const answer = await ask("{ whoAmI }", {}, token);
    expect(answer.status).toBe(401);
    expect(answer.errors?.[0]?.extensions["code"]).toBe("UNAUTHENTICATED");
  }
});

test("API-1: an instant goes in as any RFC 3339 and comes out in UTC with milliseconds", async () => {
  const answer = await ask("query ($input: ThingInput!) { thing(input: $input) { at } }", {
    input: { at: "2026-11-23t10:30:00+01:00", from: "24:00" },
  });
  expect(answer.data).toEqual({ thing: { at: "2026-11-23T09:30:00.000Z" } });
});

const at = "2026-11-23T09:30:00Z";
test.each([
  [{ at: "2026-02-30T00:00:00Z" }, ["input", "at"]],
  [{ at: 7 }, ["input", "at"]],
  [{ at, from: "24:01" }, ["input", "from"]],
  [{ at, zone: "Mars/Olympus" }, ["input", "zone"]],
  [{ at, price: "1e5" }, ["input", "price"]],
  [{ at, price: "1".repeat(31) }, ["input", "price"]],
  [{ at, day: "2026-13-01" }, ["input", "day"]],
  [{ at, data: { a: [{ $ne: 1 }] } }, ["input", "data", "a", "0", "$ne"]],
  [{ at, data: { "a.b": 1 } }, ["input", "data", "a.b"]],
  [{ at, data: JSON.parse('{"__proto__": {}}') as unknown }, ["input", "data", "__proto__"]],
  [{ at, parts: [{ at }, { at: "x" }] }, ["input", "parts", "1", "at"]],
])("API-5: a malformed value in a variable is refused with its path: %j", async (input, path) => {
  const { errors, data } = await ask("query ($input: ThingInput!) { thing(input: $input) { at } }", { input });
  expect(data?.["thing"]).toBeUndefined();
  expect(errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", path });
});

test("API-5: a variable's path is that of the argument it is given as", async () => {
  const { errors } = await ask("query ($x: DateTime!) { thing(input: { at: $x }) { at } }", { x: "never" });
  expect(errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", path: ["input", "at"] });
});

test("API-5: a malformed literal is refused with its path", async () => {
  const { errors } = await ask(`{ thing(input: { at: "${at}", parts: [{ at: "${at}" }, { at: "never" }] }) { at } }`);
  expect(errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", path: ["input", "parts", "1", "at"] });
});

test("API-5: JSON nested too deeply is refused", async () => {
  let data: unknown = 1;
  for (let i = 0; i < 11; i++) data = [data];
  const { errors } = await ask("query ($input: ThingInput!) { thing(input: $input) { at } }", { input: { at, data } });
  expect(errors?.[0]?.extensions["code"]).toBe("BAD_USER_INPUT");
});

test("API-4: a page outside 1..200 is refused, not clamped; a cursor leads on", async () => {
  for (const first of [0, -1, 201])
    expect((await ask(`{ things(first: ${first}) { nodes { id } } }`)).errors?.[0]?.extensions).toEqual({
      code: "BAD_USER_INPUT",
      path: ["first"],
    });
  expect((await ask(`{ things(after: "!") { nodes { id } } }`)).errors?.[0]?.extensions).toEqual({
    code: "BAD_USER_INPUT",
    path: ["after"],
  });
  const page = await ask("{ things(first: 2) { nodes { id } pageInfo { hasNextPage endCursor } } }");
  const { pageInfo } = (page.data as { things: { pageInfo: { hasNextPage: boolean; endCursor: string } } }).things;
  expect(pageInfo.hasNextPage).toBe(true);
  expect(
    (await ask(`{ things(after: "${pageInfo.endCursor}") { nodes { id } pageInfo { hasNextPage } } }`)).data,
  ).toEqual({ things: { nodes: [{ id: "c" }], pageInfo: { hasNextPage: false } } });
});

test("API-1: an error nobody expected shows nothing but the request's id", async () => {
  const { errors } = await ask(`{ fails(how: "bug") }`);
  expect(errors).toEqual([
    {
      message: "Something went wrong on our side.",
      locations: [{ line: 1, column: 3 }],
      path: ["fails"],
      extensions: { code: "INTERNAL", requestId: "R1" },
    },
  ]);
});

test("REL-4: an outage is SERVICE_UNAVAILABLE and names no host", async () => {
  const answer = await ask(`{ fails(how: "outage") }`);
  expect(answer.errors?.[0]?.extensions).toEqual({ code: "SERVICE_UNAVAILABLE" });
  expect(JSON.stringify(answer)).not.toMatch(/10\.1\.2\.3|27017/);
});

test("API-2: a role below what is asked is FORBIDDEN; a value's path comes through", async () => {
  expect((await ask(`{ fails(how: "role") }`)).errors?.[0]?.extensions).toEqual({ code: "FORBIDDEN" });
  expect((await ask(`{ fails(how: "value") }`)).errors?.[0]?.extensions).toEqual({
    code: "BAD_USER_INPUT",
    path: ["input", "name"],
  });
});

test("API-4: introspection is off, documents that do not parse or fit are named as such", async () => {
  expect((await ask("{ __schema { types { name } } }")).errors?.[0]?.extensions["code"]).toBe(
    "GRAPHQL_VALIDATION_FAILED",
  );
  expect((await ask("{ whoAmI ")).errors?.[0]?.extensions["code"]).toBe("GRAPHQL_PARSE_FAILED");
  expect((await ask("{ nothing }")).errors?.[0]?.extensions["code"]).toBe("GRAPHQL_VALIDATION_FAILED");
});

test("API-3: an entity reference is resolved like any other way to the object", async () => {
  const answer = await ask("query ($r: [_Any!]!) { _entities(representations: $r) { ... on Thing { id at } } }", {
    r: [{ __typename: "Thing", id: "9" }],
  });
  expect(answer.data).toEqual({ _entities: [{ id: "9", at: "1970-01-01T00:00:00.000Z" }] });
});
