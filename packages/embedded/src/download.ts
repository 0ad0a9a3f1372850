import { createWriteStream } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";

/** A machine behind a closed network finds out in this time, not after the operating system's minutes. */
const CONNECT_LIMIT_MS = 5_000;

async function open(url: string): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error(`no answer within ${CONNECT_LIMIT_MS} ms`)), CONNECT_LIMIT_MS);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`${new URL(url).host}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Downloads to a file. The first byte must come within 5 s. */
export async function download(url: string, file: string): Promise<void> {
  const response = await open(url);
  if (!response.body) throw new Error(`${url} answered without a body`);
  await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file));
}

/** The SHA-256 that a sums file (`<sha256>  <file name>` a line) gives for the archive. */
export async function publishedSha256(sumsUrl: string, archiveUrl: string): Promise<string> {
  const name = basename(new URL(archiveUrl).pathname);
  const lines = (await (await open(sumsUrl)).text()).split("\n");
  const sum = lines.map((line) => line.trim().split(/\s+/)).find(([, file]) => file?.replace(/^\*/, "") === name)?.[0];
  if (!sum || !/^[0-9a-f]{64}$/.test(sum)) throw new Error(`${sumsUrl} has no SHA-256 for ${name}`);
  return sum;
}
