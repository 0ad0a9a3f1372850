import { execFile } from "node:child_process";

export interface ToolOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until the tool is ended. Default 300,000. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end and answers what it printed; its error carries the last line of stderr. */
export function runTool(program: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      {
        cwd: options.cwd,
        env: { ...process.env, ...options.env },
        timeout: options.timeoutMs ?? 300_000,
        maxBuffer: 16 << 20,
      },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
        const lastLine = stderr.trim().split("\n").at(-1) || error.message;
        reject(new Error(missing ? `${program} is not installed` : `${program}: ${lastLine}`, { cause: error }));
      },
    );
  });
}
