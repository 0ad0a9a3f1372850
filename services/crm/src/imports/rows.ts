import { pipeline, Readable } from "node:stream";
import { createInterface } from "node:readline";
import { CsvError, parse } from "csv-parse";
import { CSV_OPTIONS } from "./csv-columns.ts";

/** A record as it stands in the file: its cells, or a line of JSON. `line` counts from 1. */
export type RawRow = { line: number } & ({ cells: string[] } | { json: string });

/** The file cannot be read on from `line`: what came before it was imported. */
export class UnreadableFileError extends Error {
  readonly line: number;

  constructor(line: number, message: string, cause: unknown) {
    super(message, { cause });
    this.line = line;
  }
}

/** The records of a CSV, its header first. @throws UnreadableFileError */
export async function* csvRows(content: AsyncIterable<Buffer>): AsyncGenerator<RawRow & { cells: string[] }> {
  const parser = parse({ ...CSV_OPTIONS, info: true });
  // An error of the source destroys the parser, which throws it below.
  pipeline(Readable.from(content, { objectMode: false }), parser, () => undefined);
  let line = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const breaks = record.reduce((count, cell) => count + cell.split("\n").length - 1, 0);
      line = info.lines - breaks;
      yield { line, cells: record };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UnreadableFileError(typeof error.lines === "number" ? error.lines : line, error.message, error);
  }
}

/** The lines of JSON lines, empty ones left out. */
export async function* jsonRows(content: AsyncIterable<Buffer>): AsyncGenerator<RawRow & { json: string }> {
  const lines = createInterface({ input: Readable.from(content, { objectMode: false }), crlfDelay: Infinity });
  let line = 0;
  for await (const text of lines) {
    line++;
    const json = line === 1 ? text.replace(/^\uFEFF/, "") : text;
    if (json.trim() !== "") yield { line, json };
  }
}
