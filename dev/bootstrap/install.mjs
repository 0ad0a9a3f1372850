import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withInstallLock } from "./install-lock.mjs";
import { runLogged } from "./run-logged.mjs";
import { isInstalled, markInstalled } from "./stamp.mjs";

/** Brings node_modules to what the lockfile says, unless it is there already. Nothing is written outside the folder. */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return;
  const state = join(root, ".cadenza");
  mkdirSync(join(state, "logs"), { recursive: true });
  await withInstallLock(join(state, "install.lock"), async () => {
    // Another command may have installed while this one waited.
    if (!isInstalled(root)) await install(root, state);
  });
}

async function install(root, state) {
  if (!existsSync(join(root, "node_modules"))) {
    console.log(
      "The first command installs everything inside this folder (about 1 GB): a minute, or a few on a slow line.",
    );
  }
  const log = join(state, "logs/install.log");
  const env = environment(state);
  const pnpm = await pnpmProgram(root, state, { log, env });
  await runLogged({
    title: "installing the packages of the lockfile",
    command: process.execPath,
    args: [pnpm, "install", "--frozen-lockfile", "--reporter=append-only"],
    cwd: root,
    env,
    log,
  });
  // pnpm puts the package's own Node on the PATH of npm scripts by a shell script that passes no signal on.
  rmSync(join(root, "node_modules/.bin/node"), { force: true });
  markInstalled(root);
}

/** The pnpm that package.json names, in a folder of its own. */
async function pnpmProgram(root, state, { log, env }) {
  const [name, version] = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager.split("@");
  const folder = join(state, "tools", `${name}-${version}`);
  const program = join(folder, "node_modules/pnpm/bin/pnpm.cjs");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  await runLogged({
    title: `fetching ${name} ${version}`,
    command: process.platform === "win32" ? "npm.cmd" : "npm",
    args: ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", `${name}@${version}`],
    cwd: folder,
    env,
    log,
    shell: process.platform === "win32",
  });
  return program;
}

/** Caches and state of npm and pnpm inside the folder; what `npm run` itself set for its child is left behind. */
function environment(state) {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_(package|lifecycle|command|execpath|node_execpath|config_(local_prefix|prefix|global_prefix))/i.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    // pnpm asks before it replaces a folder; there may be nobody to answer.
    CI: "true",
    npm_config_cache: join(state, "npm-cache"),
    npm_config_store_dir: join(state, "pnpm-store"),
    npm_config_update_notifier: "false",
    PNPM_HOME: join(state, "pnpm-home"),
    XDG_CACHE_HOME: join(state, "xdg/cache"),
    XDG_DATA_HOME: join(state, "xdg/data"),
    XDG_STATE_HOME: join(state, "xdg/state"),
  };
}
