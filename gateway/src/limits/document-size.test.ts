import { parse } from "graphql";
import { expect, test } from "vitest";
import { createDocumentGuard, TooComplexError } from "./document-guard.ts";
import { measureDocument, scanTokens } from "./document-size.ts";

const measure = (text: string) => measureDocument(parse(text), { ignoreIntrospection: false });

test("API-4: the root field is at depth 1, leaves count, fragments count where they are spread", () => {
  expect(measure("{ a }")).toEqual({ depth: 1, fields: 1, aliases: 0 });
  expect(measure("{ a { b { c } } x: a { ... on T { y: b } } }")).toEqual({ depth: 3, fields: 5, aliases: 2 });
  expect(measure("{ a { ...F } b { ...F } } fragment F on T { c { d } }")).toEqual({ depth: 3, fields: 6, aliases: 0 });
});

test("API-4: fragments that double each other are counted, not walked; a cycle is endless", () => {
  const doubling = Array.from({ length: 200 }, (_, i) => `fragment F${i} on T { ...F${i + 1} ...F${i + 1} }`).join(" ");
  const startedMs = performance.now();
  expect(measure(`{ a { ...F0 } } ${doubling} fragment F200 on T { b }`).fields).toBe(2 ** 200 + 1);
  expect(performance.now() - startedMs).toBeLessThan(50);
  expect(measure("{ a { ...A } } fragment A on T { ...B } fragment B on T { ...A }").depth).toBe(Infinity);
  expect(measure("{ a } fragment A on T { b { ...A } }").depth).toBe(Infinity);
});

test("API-4: tokens are counted up to the limit and no further", () => {
  expect(scanTokens("{ a(b: [1, 2]) }", 100).tokens).toBe(11);
  const startedMs = performance.now();
  expect(scanTokens("{".repeat(5_000_000), 5000).tokens).toBe(5001);
  expect(performance.now() - startedMs).toBeLessThan(50);
  expect(scanTokens('{ a "unfinished', 100).tokens).toBe(2);
});

test("API-4: in development the explorer's introspection may be as deep as it is", () => {
  const document = parse("{ __schema { types { fields { type { name } } } } a { b } }");
  expect(measureDocument(document, { ignoreIntrospection: true }).depth).toBe(2);
  expect(measureDocument(document, { ignoreIntrospection: false }).depth).toBe(5);
});

test("API-4: values in values are counted before anything recurses through them", () => {
  const value = "[".repeat(2400) + "]".repeat(2400);
  expect(scanTokens(`{ a(x: ${value}) }`, 5000).nesting).toBe(2402);
  expect(scanTokens("{ a(x: [1], y: [{ b: 2 }]) { c } }", 5000).nesting).toBe(4);
  const guard = createDocumentGuard({ development: true });
  expect(() => guard(`{ a(x: ${value}) }`)).toThrow(TooComplexError);
  expect(() => guard(`query($x: J = ${value}) { a }`)).toThrow(TooComplexError);
});
