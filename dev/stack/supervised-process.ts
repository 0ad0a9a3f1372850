import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

/** OPS-3 gives a second; the first tries come sooner, and a process that keeps dying does not spin. */
const RESTART_DELAYS_MS = [100, 200, 400, 800] as const;
/** One that ran this long starts over at the first delay. */
const STEADY_MS = 10_000;

export interface ProcessSpec {
  readonly service: string;
  readonly replica: number;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Whether the process can be used; `pid` tells it from another program that has its port. */
  readonly ready: (pid: number | null) => Promise<boolean>;
  readonly healthUrl: string | null;
  readonly metricsUrl: string | null;
  readonly graphqlUrl: string | null;
}

export interface ProcessEvents {
  /** A process has another pid. */
  changed(): void;
  say(line: string): void;
}

/** A child process that is started again when it ends without having been asked to. */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  readonly #events: ProcessEvents;
  #child: ChildProcess | null = null;
  #exited: Promise<void> = Promise.resolve();
  #stopping = false;
  #startedAt = 0;
  #deaths = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(spec: ProcessSpec, events: ProcessEvents) {
    this.spec = spec;
    this.#events = events;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get name(): string {
    return this.spec.replica === 0 ? this.spec.service : `${this.spec.service}-${this.spec.replica}`;
  }

  start(): void {
    this.#launch("w");
  }

  #launch(logFlag: "w" | "a"): void {
    const { command, args, env, logFile } = this.spec;
    const log = openSync(logFile, logFlag);
    // Its own process group: Ctrl-C reaches the supervisor alone, which ends the processes in their order.
    const child = spawn(command, [...args], { env: { ...env }, stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    this.#child = child;
    this.#startedAt = performance.now();
    this.#exited = new Promise((resolve) => {
      child.once("error", (error) => this.#ended(child, error.message, resolve));
      child.once("exit", (code, signal) => this.#ended(child, signal ?? `code ${code}`, resolve));
    });
    this.#events.changed();
  }

  #ended(child: ChildProcess, how: string, resolve: () => void): void {
    resolve();
    if (this.#child !== child) return;
    this.#child = null;
    if (this.#stopping) return;
    if (performance.now() - this.#startedAt > STEADY_MS) this.#deaths = 0;
    const delay = RESTART_DELAYS_MS[Math.min(this.#deaths, RESTART_DELAYS_MS.length - 1)];
    this.#deaths += 1;
    this.#events.say(`${this.name} ended (${how}); starting it again`);
    this.#retry = setTimeout(() => this.#launch("a"), delay);
  }

  /**
   * Waits until the process can be used.
   * @throws when it dies four times before that, or is not ready in `timeoutMs`; the message has its last log lines.
   */
  async awaitReady(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!this.#stopping && !(await this.spec.ready(this.pid))) {
      const why =
        this.#deaths >= RESTART_DELAYS_MS.length
          ? `ended ${this.#deaths} times before it was ready`
          : performance.now() > deadline && `was not ready within ${timeoutMs / 1000} s`;
      if (why) throw new Error(`${this.name} ${why}. The end of ${this.spec.logFile}:\n${this.#logTail()}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  #logTail(): string {
    return readFileSync(this.spec.logFile, "utf8").trimEnd().split("\n").slice(-12).join("\n");
  }

  /** SIGTERM, and SIGKILL after `graceMs`. @returns whether it ended by itself. */
  async stop(graceMs: number): Promise<boolean> {
    this.#stopping = true;
    clearTimeout(this.#retry);
    const child = this.#child;
    if (!child) return true;
    child.kill("SIGTERM");
    let killed = false;
    const timer = setTimeout(() => {
      killed = true;
      child.kill("SIGKILL");
      // A stopped process takes no signal but this one, and it does.
    }, graceMs);
    await this.#exited;
    clearTimeout(timer);
    return !killed;
  }
}
