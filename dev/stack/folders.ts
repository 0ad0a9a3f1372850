import { join } from "node:path";

/** The project's folder. */
export const ROOT = join(import.meta.dirname, "../..");

/** Where one stack keeps what it makes. */
export interface StackFolders {
  readonly home: string;
  /** Lives through restarts, until `--fresh`. */
  readonly data: string;
  readonly logs: string;
  readonly lockFile: string;
  readonly devFile: string;
  /** Downloaded programs: of the project, not of the stack, so that `--fresh` keeps them. */
  readonly tools: string;
  readonly compileCache: string;
}

/** @param home Default `.cadenza`; tests give each stack one of its own through CADENZA_HOME. */
export function stackFolders(home = process.env["CADENZA_HOME"] || join(ROOT, ".cadenza")): StackFolders {
  return {
    home,
    data: join(home, "data"),
    logs: join(home, "logs"),
    lockFile: join(home, "stack.lock"),
    devFile: join(home, "dev.json"),
    tools: join(ROOT, ".cadenza/tools"),
    compileCache: join(ROOT, ".cadenza/compile-cache"),
  };
}
