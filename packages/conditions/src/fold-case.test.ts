import { expect, test } from "vitest";
import { evaluate } from "./evaluate.ts";
import { foldCase } from "./values.ts";

const SPELLINGS: [string, string][] = [
  ["İstanbul", "ISTANBUL"],
  ["ΟΔΟΣ", "οδος"],
  ["ΟΔΟΣ ΑΒ", "οδοσ"],
  ["Straße", "STRAßE"],
];
test.each(SPELLINGS)("TRG-2: %s contains %s, whatever its case", (text, part) => {
  const condition = { test: { path: "event.data.text", op: "CONTAINS" as const, value: part } };
  const event = { data: { text }, previous: {}, user: null };
  expect(evaluate(condition, { lead: null, contact: null, opportunity: null, event }, new Date(0))).toBe(true);
});

test("TRG-2: every letter folds to one letter, wherever it stands, so that a database can be asked for its spellings", () => {
  const odd: string[] = [];
  for (let point = 0; point <= 0x10ffff; point++) {
    const letter = String.fromCodePoint(point);
    const folded = foldCase(letter);
    if ([...folded].length !== 1 || foldCase(`a${letter}`) !== `a${folded}` || foldCase(folded) !== folded)
      odd.push(letter);
  }
  expect(odd).toEqual([]);
});
