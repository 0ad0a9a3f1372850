import { expect, test } from "vitest";
import { toCountedConnection } from "./paging.ts";

const count = async (): Promise<number> => 41;

test("API-1: a first page that holds everything agrees with its count, whatever is added meanwhile", async () => {
  expect(await toCountedConnection(["a", "b"], { limit: 2, after: null }, (x) => x, count).totalCount()).toBe(2);
  expect(await toCountedConnection([], { limit: 2, after: null }, String, count).totalCount()).toBe(0);
});

test("API-1: of a list that goes on, or a later page, all are counted", async () => {
  const longer = toCountedConnection(["a", "b", "c"], { limit: 2, after: null }, (x) => x, count);
  expect(longer).toMatchObject({ nodes: ["a", "b"], pageInfo: { hasNextPage: true } });
  expect(await longer.totalCount()).toBe(41);
  expect(await toCountedConnection(["z"], { limit: 2, after: "y" }, (x) => x, count).totalCount()).toBe(41);
});
