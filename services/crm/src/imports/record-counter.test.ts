import { expect, test } from "vitest";
import { RecordCounter } from "./record-counter.ts";

test.each([
  ["CSV", 'a,b\n1,"x\ny"\n\n3,4', 2],
  ["CSV", "a,b\r\n", 0],
  ["CSV", 'a\n"say ""hi"""\r\n2\n', 2],
  ["JSONL", '{"a":"\\""}\n\n{"b":1}\n', 2],
] as const)("CRM-4: a %s of %j has %d rows, wherever it is cut", (format, text, rows) => {
  const counter = new RecordCounter(format);
  for (const byte of Buffer.from(text)) counter.push(Buffer.of(byte));
  expect(counter.end()).toBe(rows);
});
