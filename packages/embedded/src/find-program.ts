import { access, constants, mkdir, rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Fetch } from "./fetch-program.ts";
import { runTool } from "./run-tool.ts";

export interface ProgramSpec {
  /** mongod, nats-server */
  readonly program: string;
  /** Oldest version that serves, as [major, minor]. */
  readonly minimum: readonly [number, number];
  /** Name of the environment variable that names a running server, told in the error. */
  readonly variable: string;
  readonly fetches: readonly { readonly what: string; readonly fetch: Fetch }[];
}

export interface FoundProgram {
  readonly path: string;
  /** One line for the terminal: which version, from where. */
  readonly what: string;
}

/** No way to get a server's program worked; the message lists each and why. */
export class NoProgramError extends Error {
  override readonly name = "NoProgramError";
  readonly code = "NO_PROGRAM";

  constructor(spec: ProgramSpec, tried: readonly string[]) {
    super(
      `No ${spec.program} could be found or fetched. Set ${spec.variable} to a running server, or put ` +
        `${spec.program} ${spec.minimum.join(".")} or newer on the PATH. Tried:\n${tried.map((line) => `  - ${line}`).join("\n")}`,
    );
  }
}

/** Version out of `--version`; throws when the program does not run (a missing library) or is too old. */
async function checkedVersion(path: string, [major, minor]: readonly [number, number]): Promise<string> {
  const printed = await runTool(path, ["--version"], { timeoutMs: 20_000 });
  const version = /v(\d+)\.(\d+)[.\d]*/.exec(printed);
  if (!version) throw new Error(`${path} --version printed no version`);
  const [text, foundMajor, foundMinor] = [version[0].slice(1), Number(version[1]), Number(version[2])];
  if (foundMajor < major || (foundMajor === major && foundMinor < minor)) {
    throw new Error(`${path} is ${text}, ${major}.${minor} or newer is needed`);
  }
  return text;
}

async function onPath(program: string): Promise<string> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter).filter(Boolean)) {
    const path = join(folder, process.platform === "win32" ? `${program}.exe` : program);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new Error("not on the PATH");
}

/**
 * A program that runs: on the PATH, in `toolsDir`, or fetched there by the first of `fetches` that works.
 * Two processes may fetch at once: the file appears by a rename, whole.
 */
export async function findProgram(
  spec: ProgramSpec,
  toolsDir: string,
  say: (line: string) => void = () => undefined,
): Promise<FoundProgram> {
  const tried: string[] = [];
  const attempt = async (what: string, find: () => Promise<string>): Promise<FoundProgram | null> => {
    try {
      const path = await find();
      const version = await checkedVersion(path, spec.minimum);
      return { path, what: `${spec.program} ${version} (${what})` };
    } catch (error) {
      tried.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  };

  const cached = join(toolsDir, process.platform === "win32" ? `${spec.program}.exe` : spec.program);
  const present =
    (await attempt("PATH", () => onPath(spec.program))) ??
    (await attempt("cache", async () => {
      await access(cached, constants.X_OK).catch(() => Promise.reject(new Error("empty")));
      return cached;
    }));
  if (present) return present;

  await mkdir(toolsDir, { recursive: true });
  for (const { what, fetch } of spec.fetches) {
    say(`fetching ${spec.program}: ${what}`);
    const fetched = await attempt(what, async () => {
      const fresh = `${cached}.${process.pid}`;
      try {
        await fetch(fresh, toolsDir);
        await checkedVersion(fresh, spec.minimum);
        await rename(fresh, cached);
      } finally {
        await rm(fresh, { force: true });
      }
      return cached;
    });
    if (fetched) return fetched;
  }
  throw new NoProgramError(spec, tried);
}
