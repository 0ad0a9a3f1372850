import { expect, test } from "vitest";
import { csvRows, jsonRows, UnreadableFileError } from "./rows.ts";

async function* parts(text: string, size = 7): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const row of rows) read.push(row);
  return read;
}

test("CRM-4: records carry the line they begin at, over quoted breaks, empty lines and a byte order mark", async () => {
  const text = '\uFEFFa,b\r\n1,"two\nlines"\r\n\r\n3,"say ""hi"""\r\nübér,4';
  expect(await all(csvRows(parts(text)))).toEqual([
    { line: 1, cells: ["a", "b"] },
    { line: 2, cells: ["1", "two\nlines"] },
    { line: 5, cells: ["3", 'say "hi"'] },
    { line: 6, cells: ["übér", "4"] },
  ]);
});

test("CRM-4: what was read before an unreadable place is given before the error", async () => {
  const seen: string[][] = [];
  const reading = async () => {
    for await (const { cells } of csvRows(parts('a\n1\n"open\n2\n'))) seen.push(cells);
  };
  await expect(reading()).rejects.toThrow(UnreadableFileError);
  expect(seen).toEqual([["a"], ["1"]]);
});

test("CRM-4: an error of the content itself is not the file's", async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from("a\n1\n");
    throw new Error("the database is away");
  }
  await expect(all(csvRows(broken()))).rejects.toThrow("the database is away");
  await expect(all(jsonRows(broken()))).rejects.toThrow("the database is away");
});

test("CRM-4: JSON lines are counted with the empty ones, which are left out", async () => {
  expect(await all(jsonRows(parts('\uFEFF{"a":1}\n\n{"b":2}\r\n')))).toEqual([
    { line: 1, json: '{"a":1}' },
    { line: 3, json: '{"b":2}' },
  ]);
});
