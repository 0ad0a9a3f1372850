import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { MONGOD_WHEEL, NATS_WHEEL } from "./pins.ts";
import { sha256OfFile, verifySha256 } from "./sha256.ts";
import { unzipEntry } from "./unzip-entry.ts";

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pins-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A zip file of two entries, one stored and one deflated, laid out as PKWARE's APPNOTE says. */
function zipOf(entries: readonly { name: string; bytes: Buffer; deflate: boolean }[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, deflate } of entries) {
    const data = deflate ? deflateRawSync(bytes) : bytes;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(deflate ? 8 : 0, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), data]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00"), fields, place, Buffer.from(name));
    locals.push(local);
    offset += local.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

test("OPS-1: every wheel is pinned by a SHA-256", () => {
  const sums = [MONGOD_WHEEL, NATS_WHEEL].flatMap(({ sha256 }) => Object.values(sha256));
  expect(sums).toHaveLength(new Set(sums).size);
  for (const sum of sums) expect(sum).toMatch(/^[0-9a-f]{64}$/);
});

test("OPS-1: a download with another SHA-256 is refused", async () => {
  const file = join(await scratch(), "wheel");
  await writeFile(file, "abc");
  // FIPS 180-2, appendix B.1.
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await sha256OfFile(file)).toBe(abc);
  await expect(verifySha256(file, abc.replace("b", "c"))).rejects.toThrow("it is not used");
});

test("a stored and a deflated entry come out of a zip as they went in", async () => {
  const folder = await scratch();
  const zip = join(folder, "a.zip");
  const bytes = Buffer.from("mongod ".repeat(1000));
  await writeFile(
    zip,
    zipOf([
      { name: "a/stored", bytes, deflate: false },
      { name: "a/deflated", bytes, deflate: true },
    ]),
  );
  for (const name of ["a/stored", "a/deflated"]) {
    await unzipEntry(zip, name, join(folder, "out"));
    expect(await readFile(join(folder, "out"))).toEqual(bytes);
  }
  await expect(unzipEntry(zip, "a/other", join(folder, "out"))).rejects.toThrow("no entry a/other");
  await writeFile(zip, "no zip at all");
  await expect(unzipEntry(zip, "a/stored", join(folder, "out"))).rejects.toThrow("is not a zip file");
});
