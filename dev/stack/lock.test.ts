import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readJsonFile } from "./json-file.ts";
import { StackLock, StackRunningError } from "./lock.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
  path = join(folder, "stack.lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that does nothing, with `mark` in its command line. */
function idle(mark: string) {
  return spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", mark], { stdio: "ignore" });
}

test("OPS-1: a second stack in the same folder is told that one is running", async () => {
  const other = idle("the-other-stack");
  writeFileSync(path, JSON.stringify({ pid: other.pid, mark: "the-other-stack", children: [] }));
  expect(() => StackLock.acquire(path, folder, "vitest")).toThrow(StackRunningError);
  other.kill("SIGKILL");
  await once(other, "exit");
  StackLock.acquire(path, folder, "vitest").release();
  expect(readJsonFile(path)).toBeNull();
});

test("OPS-1: what a killed supervisor left behind is ended, a stranger with the same pid is not", async () => {
  const left = idle("left-behind");
  const stranger = idle("a-stranger");
  const children = [
    { pid: left.pid, mark: "left-behind" },
    { pid: stranger.pid, mark: "left-behind" },
  ];
  writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, mark: "start.ts", children }));
  const gone = once(left, "exit");
  const lock = StackLock.acquire(path, folder, "vitest");
  await gone;
  expect(stranger.exitCode).toBeNull();
  expect(stranger.kill(0)).toBe(true);
  stranger.kill("SIGKILL");
  lock.release();
});
