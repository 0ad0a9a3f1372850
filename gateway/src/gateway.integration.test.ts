import { createHash, randomBytes } from "node:crypto";
import { eventually } from "@cadenza/testkit";
import { expect, test } from "vitest";
import { startWorld } from "./testing/test-world.ts";

const codesOf = (answer: { errors?: { extensions: Record<string, unknown> }[] }): unknown[] =>
  (answer.errors ?? []).map(({ extensions }) => extensions["code"]);

test("API-1: one endpoint answers what several subgraphs know of one object", async () => {
  await using world = await startWorld();
  const answer = await world.ask(`{ lead(id: "L1") { name openRuns } whoAmI }`);
  expect(answer.errors).toBeUndefined();
  expect(answer.data).toEqual({
    lead: { name: "Acme", openRuns: 3 },
    whoAmI: `${world.organizationId} MEMBER USER ${world.userId}`,
  });
});

test("API-2: a token of another issuer, audience, secret, without time left or of nobody is UNAUTHENTICATED", async () => {
  await using world = await startWorld();
  const bad = [
    await world.token({ issuer: "others" }),
    await world.token({ audience: "others" }),
    await world.token({ secret: "another secret of at least 32 characters" }),
    await world.token({ seconds: -5 }),
    await world.token({ sub: "NOBODY" }),
    "nonsense",
    "cdz_0123456789abcdef0123",
    `${Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url")}.${world.usual.split(".")[1]}.`,
  ];
  for (const authorization of ["", "Basic x", ...bad.map((token) => `Bearer ${token}`)]) {
    const answer = await world.ask("{ whoAmI }", {}, { authorization });
    expect([answer.status, codesOf(answer)]).toEqual([401, ["UNAUTHENTICATED"]]);
  }
});

test("API-2: an API key is known by its hash alone; a revoked one and a deactivated user are refused", async () => {
  await using world = await startWorld();
  const key = `cdz_${randomBytes(24).toString("base64url")}`;
  world.apiKeys.set(createHash("sha256").update(key).digest("hex"), "KEY1");
  const asKey = () => world.ask("{ whoAmI }", {}, { authorization: `Bearer ${key}` });
  expect((await asKey()).data).toEqual({ whoAmI: `${world.organizationId} ADMIN API_KEY KEY1` });
  expect((await world.ask("{ whoAmI }")).status).toBe(200);
  world.apiKeys.clear();
  world.users.get(world.userId)!.active = false;
  await eventually(async () =>
    expect([(await asKey()).status, (await world.ask("{ whoAmI }")).status]).toEqual([401, 401]),
  );
});

test("API-2: a subgraph asked directly refuses, with the caller's own token as well", async () => {
  await using world = await startWorld();
  for (const headers of [{}, { authorization: `Bearer ${world.usual}` }, { "x-cadenza-identity": world.usual }]) {
    const response = await fetch(world.crm.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: `{"query":"{ whoAmI }"}`,
    });
    expect(response.status).toBe(401);
  }
});

test("API-6: a subgraph that is down fails its own fields, naming no host; the rest answers", async () => {
  await using world = await startWorld();
  await world.stopRuns();
  const answer = await world.ask(`{ lead(id: "L1") { name openRuns } run(id: "R") { id } whoAmI }`);
  expect(answer.data).toEqual({
    lead: { name: "Acme", openRuns: null },
    run: null,
    whoAmI: expect.stringContaining("MEMBER"),
  });
  expect(new Set(codesOf(answer))).toEqual(new Set(["SERVICE_UNAVAILABLE"]));
  expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|orchestrator|ECONN/);
});

test("API-6: requests carry a deadline of ten seconds on", async () => {
  await using world = await startWorld();
  const before = performance.timeOrigin + performance.now();
  await world.ask("{ whoAmI }");
  expect(world.seen.deadlines[0]! - before).toBeGreaterThan(8000);
  expect(world.seen.deadlines[0]! - before).toBeLessThan(11_000);
});

test("API-4: what is too deep, broad, aliased or long is refused before it runs, in little time", async () => {
  await using world = await startWorld();
  const deep = (levels: number) =>
    `{ lead(id: "L") ${"{ parent ".repeat(levels - 2)}{ id }${" }".repeat(levels - 2)} }`;
  expect((await world.ask(deep(15))).errors).toBeUndefined();
  const many = (count: number, one: (i: number) => string) => Array.from({ length: count }, (_, i) => one(i)).join(" ");
  const bomb = many(30, (i) => `fragment F${i} on Lead { ...F${i + 1} ...F${i + 1} }`);
  const hostile = [
    deep(16),
    `{ ${many(101, (i) => `a${i}: whoAmI`)} }`,
    `{ ${many(1001, () => "whoAmI")} }`,
    `{ whoAmI ${many(5000, () => "@a")} }`,
    `{ lead(id: "L") { ...F0 } } ${bomb} fragment F30 on Lead { id name }`,
    `{ lead(id: "L") { ...A } } fragment A on Lead { id ...B } fragment B on Lead { ...A }`,
    `{ whoAmI } ${many(40, (i) => `query Q${i} { ${many(26, () => "whoAmI")} }`)}`,
  ];
  for (const query of hostile) {
    const startedMs = performance.now();
    const answer = await world.ask(query);
    expect([query.slice(0, 40), codesOf(answer)]).toEqual([query.slice(0, 40), ["TOO_COMPLEX"]]);
    expect(performance.now() - startedMs).toBeLessThan(250);
  }
});

test("API-4: batches and large requests are refused; an import may be 6 MiB", async () => {
  await using world = await startWorld();
  expect(codesOf(await world.post(`[{"query":"{ whoAmI }"},{"query":"{ whoAmI }"}]`))).toEqual(["TOO_COMPLEX"]);
  const large = "x".repeat(300 * 1024);
  expect(codesOf(await world.ask("query ($id: ID!) { lead(id: $id) { id } }", { id: large }))).toEqual(["TOO_COMPLEX"]);
  const imported = await world.ask("mutation ($content: String!) { importLeads(content: $content) }", {
    content: "x".repeat(5 * 1024 * 1024),
  });
  expect(imported.data).toEqual({ importLeads: 5 * 1024 * 1024 });
});

test("API-4: introspection is for development only", async () => {
  await using world = await startWorld();
  expect(codesOf(await world.ask("{ __schema { queryType { name } } }"))).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
  await using development = await startWorld({ env: { DEVELOPMENT: "1" } });
  expect((await development.ask("{ __schema { queryType { name } } }")).data).toEqual({
    __schema: { queryType: { name: "Query" } },
  });
});

test("API-5: malformed values end at the gateway, with the path to them; nothing is written", async () => {
  await using world = await startWorld();
  const rename = 'mutation ($input: RenameInput!) { rename(id: "L", input: $input) { name } }';
  const cases = [
    [await world.ask(rename, { input: { name: "x", at: "yesterday" } }), ["input", "at"]],
    [await world.ask(rename, { input: { name: "x", data: { a: { $gt: 1 } } } }), ["input", "data", "a", "$gt"]],
    [await world.ask(rename, { input: { name: 7 } }), ["input", "name"]],
    [await world.ask(`mutation { rename(id: "L", input: { name: "x", at: "yesterday" }) { name } }`), ["input", "at"]],
  ] as const;
  for (const [answer, path] of cases)
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([{ code: "BAD_USER_INPUT", path }]);
  expect(world.seen.renames).toBe(0);
});

test("API-5: what is no GraphQL, or no field of the graph, is named as such", async () => {
  await using world = await startWorld();
  expect(codesOf(await world.ask("{ whoAmI"))).toEqual(["GRAPHQL_PARSE_FAILED"]);
  expect(codesOf(await world.ask("{ nothing }"))).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
  expect(codesOf(await world.post("{"))).toEqual(["BAD_USER_INPUT"]);
  expect(codesOf(await world.post(`{"query": 7}`))).toEqual(["BAD_USER_INPUT"]);
  const two = "query A { whoAmI } query B { whoAmI }";
  for (const operationName of ["C", undefined]) {
    const answer = await world.post(JSON.stringify({ query: two, operationName }));
    expect([answer.status, ...codesOf(answer)]).toEqual([400, "BAD_USER_INPUT"]);
  }
});

test("API-1: a subscription over HTTP is told where it is answered", async () => {
  await using world = await startWorld();
  const answer = await world.ask(`subscription { runUpdated(id: "R") { id } }`);
  expect([answer.status, ...codesOf(answer)]).toEqual([400, "BAD_USER_INPUT"]);
  expect(answer.errors?.[0]?.message).toContain("WebSocket");
});

test("API-1: an error nobody expected shows nothing but the request's id", async () => {
  await using world = await startWorld();
  const answer = await world.ask(`mutation { fail(how: "x") }`, {}, { "x-request-id": "R-1" });
  expect(answer.errors?.map(({ message, extensions }) => ({ message, extensions }))).toEqual([
    { message: "Something went wrong on our side.", extensions: { code: "INTERNAL", requestId: "R-1" } },
  ]);
});

test("API-8: a key that asks too often is RATE_LIMITED, and told when to come back", async () => {
  await using world = await startWorld({ env: { RATE_LIMIT_PER_KEY: "2" } });
  const answers = await Promise.all(Array.from({ length: 5 }, () => world.ask("{ whoAmI }")));
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited.length).toBe(3);
  expect(limited[0]?.errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: expect.any(Number) });
});

test("API-6: who cannot be looked up because crm is away is told so, naming no host", async () => {
  await using world = await startWorld({ env: { CRM_GRPC: "127.0.0.1:1" } });
  const answer = await world.ask("{ whoAmI }");
  expect([answer.status, codesOf(answer)]).toEqual([503, ["SERVICE_UNAVAILABLE"]]);
});
