import type { Definition } from "@cadenza/contracts";
import { messageOf } from "@cadenza/platform";
import type { Run } from "../runs/model.ts";
import type { DefinitionSource } from "./definitions.ts";
import { BATCH_SIZE } from "./due-worker.ts";
import type { BatchMover, EngineLog } from "./move-batch.ts";

/** Starts of so long are looked at together. */
const GATHER_MS = 100;
const AGAIN_AFTER_MS = 1000;

type Start = { runId: string; organizationId: string; workflowId: string; revision: number };

export type SecondLooksOptions = {
  definitions: Pick<DefinitionSource, "current">;
  batches: Pick<BatchMover, "move">;
  /** Keeps the due worker from moving the same runs at the same time. */
  exclusively: <T>(runIds: readonly string[], work: () => Promise<T>) => Promise<T>;
  log: EngineLog;
};

/**
 * A workflow may change between being read for a start and the start being stored, and its runs may all be shown the
 * change before the new one is there. So once it is there, the workflow is looked at once more (EDIT-2, EDIT-3, WF-1).
 */
export class SecondLooks {
  readonly #options: SecondLooksOptions;
  #starts: Start[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: SecondLooksOptions) {
    this.#options = options;
  }

  /** These runs were just stored, started by an active workflow of this revision. */
  started(runs: readonly Pick<Run, "_id" | "organizationId">[], { workflowId, revision }: Definition): void {
    for (const { _id: runId, organizationId } of runs)
      this.#starts.push({ runId, organizationId, workflowId, revision });
    this.#lookIn(GATHER_MS);
  }

  /** Looks at what was started last, and no more. */
  async drain(): Promise<void> {
    this.stop();
    await this.#looking;
    await this.#look();
  }

  /** Looks no more, as a killed process does. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #lookIn(ms: number): void {
    if (this.#timer || this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#looking = this.#looking.then(() => this.#look());
    }, ms);
  }

  async #look(): Promise<void> {
    const starts = this.#starts;
    this.#starts = [];
    try {
      const late = await this.#late(starts);
      const lots = Array.from({ length: Math.ceil(late.length / BATCH_SIZE) }, (_, i) =>
        late.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE),
      );
      await Promise.all(lots.map((lot) => this.#show(lot)));
    } catch (error) {
      // Showing a change twice changes nothing.
      this.#starts.push(...starts);
      this.#options.log.warn({ reason: messageOf(error) }, "New runs could not be compared with their workflows.");
      this.#lookIn(AGAIN_AFTER_MS);
    }
  }

  async #late(starts: readonly Start[]): Promise<Start[]> {
    if (starts.length === 0) return [];
    const newest = await this.#options.definitions.current(starts);
    return starts.filter(({ workflowId, revision }) => {
      const current = newest.get(workflowId);
      return current && (current.definition.revision !== revision || current.status !== "ACTIVE");
    });
  }

  #show(lot: readonly Start[]): Promise<void> {
    const moves = lot.map(({ runId, organizationId }) => ({
      runId,
      organizationId,
      input: { kind: "definitionChanged" } as const,
    }));
    const ids = lot.map(({ runId }) => runId);
    return this.#options.exclusively(ids, () => this.#options.batches.move(moves));
  }
}
