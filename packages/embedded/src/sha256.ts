import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** Hex SHA-256 of a file's bytes. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Throws unless the file has the expected SHA-256. */
export async function verifySha256(path: string, expected: string): Promise<void> {
  const found = await sha256OfFile(path);
  if (found !== expected) throw new Error(`${path} has SHA-256 ${found}, expected ${expected}; it is not used`);
}
