import { open } from "node:fs/promises";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createInflateRaw } from "node:zlib";

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;

/**
 * Writes one entry of a zip file (a Python wheel is one) to `target`.
 * Layout: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16; stored and deflated entries, no zip64.
 */
export async function unzipEntry(zip: string, entry: string, target: string): Promise<void> {
  const found = await findEntry(zip, entry);
  const bytes = createReadStream(zip, { start: found.start, end: found.start + found.size - 1 });
  const file = createWriteStream(target, { mode: 0o755 });
  if (found.deflated) await pipeline(bytes, createInflateRaw(), file);
  else await pipeline(bytes, file);
}

async function findEntry(zip: string, name: string): Promise<{ start: number; size: number; deflated: boolean }> {
  await using file = await open(zip);
  const { size } = await file.stat();
  const tail = Buffer.alloc(Math.min(size, 65_557));
  await file.read(tail, 0, tail.length, size - tail.length);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || tail.readUInt32LE(end) !== END_OF_DIRECTORY) throw new Error(`${zip} is not a zip file`);

  const directory = Buffer.alloc(tail.readUInt32LE(end + 12));
  await file.read(directory, 0, directory.length, tail.readUInt32LE(end + 16));
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY; ) {
    const nameLength = directory.readUInt16LE(at + 28);
    const next = at + 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (directory.toString("utf8", at + 46, at + 46 + nameLength) === name) {
      const header = Buffer.alloc(30);
      const headerAt = directory.readUInt32LE(at + 42);
      await file.read(header, 0, 30, headerAt);
      return {
        start: headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28),
        size: directory.readUInt32LE(at + 20),
        deflated: directory.readUInt16LE(at + 10) === 8,
      };
    }
    at = next;
  }
  throw new Error(`${zip} has no entry ${name}`);
}
