import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Command line of a running process; null when there is none with that id. A pid alone may be another's by now. */
export function commandOf(pid: number): string | null {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return execFileSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" }).trim() || null;
  } catch {
    // No such process, which is the answer asked for.
    return null;
  }
}
