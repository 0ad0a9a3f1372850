import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

const PROGRESS_MS = 3_000;

/** Runs a tool with its output in a log, and a line on the terminal every few seconds. Throws when it fails. */
export function runLogged({ title, command, args, cwd, env, log, shell = false }) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  console.log(`${title} …`);
  const file = createWriteStream(log, { flags: "a" });
  let last = "";
  const timer = setInterval(() => console.log(`  ${seconds()}  ${last.slice(0, 100)}`), PROGRESS_MS);

  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        file.write(chunk);
        last = chunk.toString().trim().split("\n").at(-1) || last;
      });
    }
    const end = (failure) => {
      clearInterval(timer);
      file.end();
      if (!failure) {
        console.log(`  done in ${seconds()}`);
        return resolve();
      }
      reject(new Error(`${title} failed (${failure}): ${last}\nThe whole output is in ${log}`));
    };
    child.once("error", (error) => end(error.message));
    child.once("close", (code, signal) => end(code === 0 ? null : (signal ?? `code ${code}`)));
  });
}
