import { expect, test } from "vitest";
import { Batcher } from "./batcher.ts";

class Outage extends Error {}

function doubling(options: { max?: number } = {}) {
  const batches: number[][] = [];
  const batcher = new Batcher<number, number>({
    ...options,
    run: async (items) => {
      batches.push(items);
      if (items.includes(-1)) throw new Outage("away");
      if (items.includes(13)) throw new Error("poison");
      return items.map((item) => item * 2);
    },
    failsAlike: (error) => error instanceof Outage,
  });
  return { batcher, batches };
}

test("what comes in one go makes one batch, up to its size", async () => {
  const { batcher, batches } = doubling({ max: 2 });
  expect(await Promise.all([1, 2, 3].map((item) => batcher.submit(item)))).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1, 2], [3]]);
});

test("REL-6: one bad item does not fail the others of its batch", async () => {
  const { batcher } = doubling();
  const results = await Promise.allSettled([1, 13, 3].map((item) => batcher.submit(item)));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("REL-4: an outage is not tried again for each item", async () => {
  const { batcher, batches } = doubling();
  const results = await Promise.allSettled([1, -1, 3].map((item) => batcher.submit(item)));
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(batches).toHaveLength(1);
});
