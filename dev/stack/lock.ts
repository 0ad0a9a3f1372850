import { openSync, closeSync, rmSync, writeSync } from "node:fs";
import { z } from "zod";
import { readJsonFile, writeJsonFile } from "./json-file.ts";
import { commandOf } from "./process-command.ts";

const LockFile = z.object({
  pid: z.number(),
  /** Text that stands in the command line of the process, to know it from another with the same id. */
  mark: z.string(),
  children: z.array(z.object({ pid: z.number(), mark: z.string() })),
});
type Child = z.infer<typeof LockFile>["children"][number];

/** Another stack runs in this folder. */
export class StackRunningError extends Error {
  override readonly name = "StackRunningError";

  constructor(pid: number, home: string) {
    super(`A stack is already running in ${home} (process ${pid}). Stop it with Ctrl-C there, or with: kill ${pid}`);
  }
}

/**
 * One running stack a folder. The file also lists the stack's processes: after a SIGKILL of the supervisor the next
 * start ends those that were left behind, since they hold the data.
 */
export class StackLock {
  readonly #path: string;
  readonly #mark: string;

  private constructor(path: string, mark: string) {
    this.#path = path;
    this.#mark = mark;
  }

  /** @param mark Stands in this process's own command line. */
  static acquire(path: string, home: string, mark: string): StackLock {
    const lock = new StackLock(path, mark);
    if (lock.#create()) return lock;
    const found = LockFile.safeParse(readJsonFile(path));
    if (found.success) {
      const { pid, mark: holder, children } = found.data;
      if (pid !== process.pid && commandOf(pid)?.includes(holder)) throw new StackRunningError(pid, home);
      endLeftOver(children);
    }
    rmSync(path, { force: true });
    if (!lock.#create()) throw new Error(`${path} was taken by another start at this moment`);
    return lock;
  }

  #create(): boolean {
    try {
      const file = openSync(this.#path, "wx", 0o600);
      writeSync(file, JSON.stringify({ pid: process.pid, mark: this.#mark, children: [] }));
      closeSync(file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  }

  record(children: readonly Child[]): void {
    writeJsonFile(this.#path, { pid: process.pid, mark: this.#mark, children });
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}

function endLeftOver(children: readonly Child[]): void {
  for (const { pid, mark } of children) {
    if (commandOf(pid)?.includes(mark)) process.kill(pid, "SIGKILL");
  }
}
