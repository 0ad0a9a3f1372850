import { existsSync } from "node:fs";
import { join } from "node:path";

const OLDEST = 24;

/** The Node that runs the project: its own, from the registry, else the running one where that is new enough. */
export function projectNode(root) {
  const system = process.platform === "win32" ? "win" : process.platform;
  const program = process.platform === "win32" ? "node.exe" : "node";
  // The registry has two families of these packages; which one is listed for a platform is in package.json.
  for (const family of ["node", "node-bin"]) {
    const own = join(root, "node_modules", `${family}-${system}-${process.arch}`, "bin", program);
    if (existsSync(own)) return own;
  }
  if (Number(process.versions.node.split(".")[0]) >= OLDEST) return process.execPath;
  throw new Error(
    `Node ${OLDEST} is needed and there is none for ${process.platform}-${process.arch} among the packages; ` +
      `this is Node ${process.versions.node}. Install Node ${OLDEST} and run the command again.`,
  );
}
