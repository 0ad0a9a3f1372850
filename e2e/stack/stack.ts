import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { GraphClient } from "./graph-client.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const READY_TIMEOUT_MS = 90_000;

export type StackProcess = {
  service: string;
  replica: number;
  pid: number;
  healthUrl: string | null;
  metricsUrl: string | null;
  graphqlUrl: string | null;
};
/** `.cadenza/dev.json` (OPS-2). */
export type DevFile = {
  graphqlUrl: string;
  wsUrl: string;
  mailboxUrl: string;
  smtp: { host: string; port: number };
  telephonyUrl: string;
  organizations: {
    id: string;
    name: string;
    users: { id: string; email: string; role: "ADMIN" | "MEMBER" | "VIEWER"; token: string }[];
  }[];
  processes: StackProcess[];
  auth: { issuer: string; audience: string; secret: string };
};

type Said = { text: string };

/** A whole stack of its own, as `npm start` makes it, in a folder that goes with it. */
export class Stack {
  readonly home: string;
  readonly #child: ChildProcess;
  readonly #said: Said;
  dev: DevFile;

  private constructor(home: string, child: ChildProcess, dev: DevFile, said: Said) {
    this.home = home;
    this.#said = said;
    this.#child = child;
    this.dev = dev;
  }

  /** @param args of `npm start`, such as `--test-clock`. */
  static async start(args: readonly string[] = ["--test-clock", "--no-seed"]): Promise<Stack> {
    const home = await mkdtemp(join(tmpdir(), "cadenza-e2e-"));
    return Stack.startIn(home, args);
  }

  static async startIn(home: string, args: readonly string[]): Promise<Stack> {
    const child = spawn(process.execPath, ["dev/start.ts", ...args], {
      cwd: ROOT,
      env: { ...process.env, CADENZA_HOME: home },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: Said = { text: "" };
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (said.text = (said.text + chunk.toString()).slice(-20_000)));
    const dev = await readDevFile(home, child, () => said.text);
    return new Stack(home, child, dev, said);
  }

  /** The end of what the stack has printed. */
  get output(): string {
    return this.#said.text;
  }

  user(
    organization: string,
    role: "ADMIN" | "MEMBER" | "VIEWER" = "ADMIN",
  ): DevFile["organizations"][number]["users"][number] {
    const user = this.dev.organizations
      .find(({ name }) => name === organization)
      ?.users.find((candidate) => candidate.role === role);
    if (!user) throw new Error(`No ${role} of ${organization} in dev.json`);
    return user;
  }

  as(organization: string, role: "ADMIN" | "MEMBER" | "VIEWER" = "ADMIN"): GraphClient {
    return new GraphClient(this.dev.graphqlUrl, this.user(organization, role).token);
  }

  /** Processes as dev.json lists them now: pids change when one is restarted. */
  async processes(service?: string): Promise<StackProcess[]> {
    this.dev = JSON.parse(await readFile(join(this.home, "dev.json"), "utf8")) as DevFile;
    return this.dev.processes.filter((candidate) => service === undefined || candidate.service === service);
  }

  async mails(to?: string): Promise<{ from: string; to: string[]; subject: string; messageId: string; raw: string }[]> {
    const response = await fetch(
      `${this.dev.mailboxUrl.replace(/\/$/, "")}/messages${to ? `?to=${encodeURIComponent(to)}` : ""}`,
    );
    return (await response.json()) as never;
  }

  /** Ends the stack as Ctrl-C does. @returns its exit code. */
  async interrupt(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    this.#child.kill("SIGINT");
    const [code] = (await once(this.#child, "exit")) as [number | null];
    return code;
  }

  async stop(): Promise<void> {
    await this.interrupt();
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function readDevFile(home: string, child: ChildProcess, output: () => string): Promise<DevFile> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null)
      throw new Error(`The stack ended with ${child.exitCode} before it was ready:\n${output()}`);
    const text = await readFile(join(home, "dev.json"), "utf8").catch(() => null);
    if (text) return JSON.parse(text) as DevFile;
    await wait(100);
  }
  // So that it ends what it has started.
  child.kill("SIGTERM");
  await once(child, "exit");
  throw new Error(`The stack was not ready in ${READY_TIMEOUT_MS / 1000} s:\n${output()}`);
}
