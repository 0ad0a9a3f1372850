import type { ProcessSpec } from "./supervised-process.ts";
import { SupervisedProcess } from "./supervised-process.ts";

/** Started first, stopped last. Waves are stopped in the order of `STOP_ORDER`. */
export type Wave = "servers" | "services" | "gateway";

/** Services finish their work while the gateway still answers; what they write to goes last. OPS-2 gives 10 s in all. */
const STOP_ORDER: readonly { readonly wave: Wave; readonly graceMs: number }[] = [
  { wave: "services", graceMs: 5_000 },
  { wave: "gateway", graceMs: 2_000 },
  { wave: "servers", graceMs: 2_500 },
];

export interface SupervisorEvents {
  /** The list of processes or a pid in it changed. */
  changed(processes: readonly SupervisedProcess[]): void;
  say(line: string): void;
}

/** Keeps the stack's processes running. */
export class Supervisor {
  readonly #events: SupervisorEvents;
  readonly #waves = new Map<Wave, SupervisedProcess[]>();
  #stopped: Promise<void> | null = null;

  constructor(events: SupervisorEvents) {
    this.#events = events;
  }

  get processes(): SupervisedProcess[] {
    return [...this.#waves.values()].flat();
  }

  /** Starts a process; it is started again whenever it dies. */
  start(wave: Wave, spec: ProcessSpec): SupervisedProcess {
    if (this.#stopped) throw new Error("The stack is stopping");
    const child = new SupervisedProcess(spec, {
      changed: () => this.#events.changed(this.processes),
      say: (line) => this.#events.say(line),
    });
    this.#waves.set(wave, [...(this.#waves.get(wave) ?? []), child]);
    child.start();
    return child;
  }

  /** Ends everything, wave by wave. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    for (const { wave, graceMs } of STOP_ORDER) {
      const stopping = (this.#waves.get(wave) ?? []).map(async (child) => {
        if (!(await child.stop(graceMs))) this.#events.say(`${child.name} did not end in time and was killed`);
      });
      await Promise.all(stopping);
    }
  }
}
