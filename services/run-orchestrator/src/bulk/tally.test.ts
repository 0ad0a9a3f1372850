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

test("ENR-3: lots add up to their page, and a copy leaves what it was made of as it is", () => {
  const page = new Tally();
  page.skipped(reason("A"));
  const lot = new Tally();
  lot.succeeded(2);
  lot.skipped(reason("A"), 3);
  lot.failed(reason("B"));
  const copy = lot.copy();
  copy.succeeded();
  page.add({ counts: lot.counts, reasons: lot.reasons.values() });
  expect(page.counts).toEqual({ processed: 7, succeeded: 2, skipped: 4, failed: 1 });
  expect(page.addedTo([])).toEqual([
    { ...reason("A"), count: 4 },
    { ...reason("B"), count: 1 },
  ]);
  expect(copy.counts.succeeded - lot.counts.succeeded).toBe(1);
});

test("ENR-3: however many texts there are, a job keeps the fifty most frequent, and every item is counted", () => {
  const tally = new Tally();
  for (let i = 0; i < 60; i++) tally.skipped(reason(`R${i}`), i + 1);
  expect(tally.addedTo([])).toHaveLength(50);
  expect(tally.addedTo([]).at(-1)).toMatchObject({ code: "R10" });
  expect(tally.counts.skipped).toBe((60 * 61) / 2);
});
