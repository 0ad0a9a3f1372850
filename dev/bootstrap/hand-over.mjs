import { spawn } from "node:child_process";

/** Runs a program in this terminal and answers its exit code. Signals go to it, and it decides when to end. */
export function handOver(node, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, stdio: "inherit" });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}
