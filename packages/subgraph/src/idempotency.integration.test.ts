import { connectDatabase, organizationScope } from "@cadenza/storage";
import { testDatabase } from "@cadenza/testkit";
import { expect, test } from "vitest";
import { IDEMPOTENCY_INDEXES, type IdempotentCall, IdempotencyKeys } from "./idempotency.ts";

const scope = organizationScope("ORG");
const call: IdempotentCall = {
  operation: "createLead",
  key: "k1",
  input: { name: "Acme", parts: { a: 1, b: 2 } },
  at: new Date("2026-11-25T09:00:00Z"),
};

async function world() {
  const own = await testDatabase("idempotency");
  const database = await connectDatabase(own);
  await database.ensureIndexes(IDEMPOTENCY_INDEXES);
  const keys = new IdempotencyKeys(database);
  let made = 0;
  const once = (changes: Partial<IdempotentCall> = {}, of = scope) =>
    database.transaction((session) =>
      keys.once(of, { ...call, ...changes }, session, async () => ({ id: `made ${++made}` })),
    );
  return { once, [Symbol.asyncDispose]: async () => (await database.close(), await own.drop()) };
}

test("API-1: the same key with the same input answers as the first call did", async () => {
  await using w = await world();
  expect(await w.once()).toEqual({ answer: { id: "made 1" } });
  expect(await w.once({ input: { parts: { b: 2, a: 1 }, name: "Acme" } })).toEqual({ answer: { id: "made 1" } });
});

test("API-1: another input or mutation is IDEMPOTENCY_KEY_REUSED; another organization has its own keys", async () => {
  await using w = await world();
  await w.once();
  expect(await w.once({ input: { name: "Other" } })).toMatchObject({ userError: { code: "IDEMPOTENCY_KEY_REUSED" } });
  expect(await w.once({ operation: "createContact" })).toMatchObject({ userError: { code: "IDEMPOTENCY_KEY_REUSED" } });
  expect(await w.once({}, organizationScope("OTHER"))).toEqual({ answer: { id: "made 2" } });
});

test("API-1: after 24 hours a key is free again; no key is no memory", async () => {
  await using w = await world();
  await w.once();
  expect(await w.once({ at: new Date("2026-11-26T09:00:01Z") })).toEqual({ answer: { id: "made 2" } });
  expect(await w.once({ key: null })).toEqual({ answer: { id: "made 3" } });
  expect(await w.once({ key: null })).toEqual({ answer: { id: "made 4" } });
});

test("API-1: of ten calls at once one does the work", async () => {
  await using w = await world();
  const answers = await Promise.all(Array.from({ length: 10 }, () => w.once({ key: "k2" })));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});
