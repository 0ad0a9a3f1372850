import { newId } from "@cadenza/platform";
import { expect, test } from "vitest";
import { decodeEnvelope, encodeEnvelope, lotsOf, MAX_ITEMS } from "./envelope.ts";

const at = new Date("2030-01-01T00:00:00.000Z");
const id = newId(at);
const change = (key: string) => ({ key, workflowId: id, revision: 1, status: "ACTIVE", actor, at });
const actor = { kind: "SYSTEM", id: null, label: 'Quote " and ü' } as const;
const head = { id, organizationId: id, kind: "workflowChanged", at, traceparent: null } as const;

test("an envelope that was encoded is decoded to what was told", () => {
  const items = [change("a"), change("b")];
  const [lot] = lotsOf(items);
  expect(decodeEnvelope(encodeEnvelope(head, lot!))).toEqual({ ...head, items });
});

test("a lot holds 200 items at most, and none is lost", () => {
  const lots = lotsOf(Array.from({ length: 2 * MAX_ITEMS + 1 }, (_, index) => index));
  expect(lots.map(({ length }) => length)).toEqual([MAX_ITEMS, MAX_ITEMS, 1]);
  expect(lots.flat().map(Number)).toEqual(Array.from({ length: 2 * MAX_ITEMS + 1 }, (_, index) => index));
});

test("a lot stays below what NATS carries; an item that is too long by itself has a lot of its own", () => {
  const lots = lotsOf(["x".repeat(400_000), "y".repeat(400_000), "z".repeat(800_000)]);
  expect(lots.map(({ length }) => length)).toEqual([1, 1, 1]);
});
