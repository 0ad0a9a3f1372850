import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Fetch } from "./fetch-program.ts";
import { findProgram, type ProgramSpec } from "./find-program.ts";

let tools: string;
const path = process.env["PATH"];
beforeEach(async () => {
  tools = await mkdtemp(join(tmpdir(), "tools-"));
});
afterEach(async () => {
  process.env["PATH"] = path;
  await rm(tools, { recursive: true });
});

async function writeProgram(target: string, version: string): Promise<void> {
  await writeFile(target, `#!/bin/sh\necho "server v${version}"\n`);
  await chmod(target, 0o755);
}

const works =
  (version: string): Fetch =>
  (target) =>
    writeProgram(target, version);
const fails =
  (why: string): Fetch =>
  () =>
    Promise.reject(new Error(why));
const spec = (...fetches: ProgramSpec["fetches"]): ProgramSpec => ({
  program: "some-server",
  minimum: [2, 11],
  variable: "SOME_URL",
  fetches,
});

test("OPS-1: the first source that works is used, and the next start takes it from the cache", async () => {
  const sources = spec({ what: "release", fetch: fails("no route") }, { what: "wheel", fetch: works("2.15.1") });
  expect((await findProgram(sources, tools)).what).toBe("some-server 2.15.1 (wheel)");
  expect((await findProgram(spec(), tools)).what).toBe("some-server 2.15.1 (cache)");
});

test("OPS-1: a program on the PATH comes first, unless it is too old", async () => {
  process.env["PATH"] = `${tools}:${path}`;
  await writeProgram(join(tools, "some-server"), "2.10.0");
  const cache = join(tools, "cache");
  const sources = spec({ what: "wheel", fetch: works("2.15.1") });
  expect((await findProgram(sources, cache)).what).toBe("some-server 2.15.1 (wheel)");
  await writeProgram(join(tools, "some-server"), "2.11.0");
  expect((await findProgram(sources, cache)).what).toBe("some-server 2.11.0 (PATH)");
});

test("OPS-1: when nothing works, one error lists what was tried and what to do", async () => {
  const sources = spec({ what: "release", fetch: fails("no route") }, { what: "wheel", fetch: works("1.0.0") });
  const error = await findProgram(sources, tools).catch((thrown: unknown) => String(thrown));
  for (const part of ["SOME_URL", "PATH: not on the PATH", "cache: empty", "release: no route", "wheel: ", "1.0.0"]) {
    expect(error).toContain(part);
  }
});

test("OPS-1: a program that does not run is not kept", async () => {
  const broken: Fetch = (target) => writeFile(target, "not a program", { mode: 0o755 });
  await expect(findProgram(spec({ what: "wheel", fetch: broken }), tools)).rejects.toThrow("wheel");
  await expect(findProgram(spec(), tools)).rejects.toThrow("cache: empty");
});
