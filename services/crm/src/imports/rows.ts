import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
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

/** The records of a CSV, its header first. @throws UnreadableFileError, after everything that could be read. */
export async function* csvRows(content: AsyncIterable<Buffer>): AsyncGenerator<RawRow & { cells: string[] }> {
  const read: (RawRow & { cells: string[] })[] = [];
  // Taken from the callback, for a stream that fails throws away what it has read.
  const parser = parse({
    ...CSV_OPTIONS,
    on_record: (cells: string[], { lines }) => {
      read.push({ line: lines - cells.reduce((breaks, cell) => breaks + cell.split("\n").length - 1, 0), cells });
      return null;
    },
  });
  // Each failure is also told to the call that met it.
  parser.on("error", () => undefined);
  const take = (): (RawRow & { cells: string[] })[] => read.splice(0);
  try {
    for await (const part of content) {
      await new Promise<void>((resolve, reject) => parser.write(part, (error) => (error ? reject(error) : resolve())));
      yield* take();
    }
    parser.end();
    await finished(parser.resume());
    yield* take();
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    yield* take();
    throw new UnreadableFileError(typeof error["lines"] === "number" ? error["lines"] : 0, error.message, error);
  } finally {
    parser.destroy();
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
