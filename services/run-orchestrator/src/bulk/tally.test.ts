import { expect, test } from "vitest";
import { Tally } from "./tally.ts";

const reason = (code: string) => ({ code, message: `${code}.` });

test("ENR-3: a tally counts every item once, and reasons add up over pages, the most frequent first", () => {
  const tally = new Tally();
  tally.succeeded(3);
  tally.skipped(reason("A"));
  tally.skipped(reason("B"), 4);
  tally.skipped(reason("C"), 0);
  tally.failed(reason("A"));
  expect(tally.counts).toEqual({ processed: 9, succeeded: 3, skipped: 5, failed: 1 });
  const earlier = [{ ...reason("A"), count: 1 }];
  expect(tally.addedTo(earlier)).toEqual([
    { ...reason("B"), count: 4 },
    { ...reason("A"), count: 3 },
  ]);
  expect(earlier).toEqual([{ ...reason("A"), count: 1 }]);
});
