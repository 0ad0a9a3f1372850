import { spawn } from "node:child_process";

const PARENT_CHECK_MS = 500;

/** Runs a program in this terminal and answers its exit code. Signals go to it, and it decides when to end. */
export function handOver(node, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, stdio: "inherit" });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    const watch = watchNpm(() => child.kill("SIGTERM"));
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearInterval(watch);
      resolve(signal ? 1 : (code ?? 1));
    });
  });
}

/** npm may end without passing a signal on; a stack that nobody can stop any more would be left behind. */
function watchNpm(gone) {
  if (!process.env.npm_lifecycle_event) return undefined;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    gone();
  }, PARENT_CHECK_MS);
  return timer;
}
