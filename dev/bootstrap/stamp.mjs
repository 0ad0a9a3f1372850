import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Written inside node_modules, so that deleting that folder is enough to install again.
const stampPath = (root) => join(root, "node_modules/.cadenza-stamp");

/** What an installation depends on: the lockfile and the machine's kind. */
function wanted(root) {
  const lockfile = createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .digest("hex");
  return `${lockfile} ${process.platform}-${process.arch}`;
}

/** Whether what is installed is what the lockfile says. */
export function isInstalled(root) {
  try {
    return readFileSync(stampPath(root), "utf8") === wanted(root);
  } catch {
    // No stamp: nothing has been installed, or not to its end.
    return false;
  }
}

export function markInstalled(root) {
  writeFileSync(stampPath(root), wanted(root));
}
