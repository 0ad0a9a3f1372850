import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** The file's value, or null where there is no such file. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Replaces the file whole: a reader sees the old value or the new one. Only the owner may read it. */
export function writeJsonFile(path: string, value: unknown): void {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, path);
}
