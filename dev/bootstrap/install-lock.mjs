import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** One installation at a time: `npm start` and `npm test` may be called side by side on a fresh clone. */
export async function withInstallLock(path, work) {
  let told = false;
  while (!take(path)) {
    if (!told) console.log("another command is installing; waiting for it");
    told = true;
    await wait(300);
  }
  const release = () => rmSync(path, { force: true });
  process.once("exit", release);
  try {
    await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (!holderLives(path)) rmSync(path, { force: true });
    return false;
  }
}

function holderLives(path) {
  try {
    process.kill(Number(readFileSync(path, "utf8")), 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is another user's. ESRCH, ENOENT: it is gone.
    return error.code === "EPERM";
  }
}
