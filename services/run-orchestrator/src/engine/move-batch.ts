import type { Clock } from "@cadenza/platform";
import { isDatabaseOutage } from "@cadenza/storage";
import type { Unit } from "./announce.ts";
import type { ContactSource } from "./contacts.ts";
import type { DefinitionSource } from "./definitions.ts";
import { lookUpFacts } from "./facts.ts";
import type { FaultLedger } from "./fault-ledger.ts";
import type { FactsOf, Move, MoveReport, RunMover } from "./run-mover.ts";

/** Runs work in one transaction and publishes what it told; `Committer` in the service. */
export type Commits = { commit<T>(work: (unit: Unit) => Promise<T>): Promise<T> };

/** What the engine says while it works. */
export type EngineLog = Record<"warn" | "error", (fields: object, message: string) => void>;

export type BatchMoverOptions = {
  commits: Commits;
  mover: Pick<RunMover, "move">;
  contacts: ContactSource;
  definitions: DefinitionSource;
  faults: FaultLedger;
  clock: Clock;
  log: EngineLog;
  /** Told of each committed batch, for metrics. */
  committed?: (report: MoveReport) => void;
};

/** Moves batches of due runs so that one bad run never holds up the others. */
export class BatchMover {
  readonly #options: BatchMoverOptions;

  constructor(options: BatchMoverOptions) {
    this.#options = options;
  }

  /** @throws when the database or another service is away; then nothing of the batch is done. */
  async move(moves: readonly Move[]): Promise<void> {
    const { contacts, definitions } = this.#options;
    const report = await this.#commit(moves, new Map());
    if (report && report.wants.size > 0) {
      const facts = await lookUpFacts(report.wants, { contacts, definitions });
      await this.#commit(
        moves.filter(({ runId }) => report.wants.has(runId)).map((move) => ({ ...move, input: { kind: "tick" } })),
        facts,
      );
    }
  }

  async #commit(moves: readonly Move[], facts: FactsOf): Promise<MoveReport | null> {
    const { commits, mover, faults, committed } = this.#options;
    let report: MoveReport;
    try {
      report = await commits.commit((unit) => mover.move(moves, unit, facts));
    } catch (error) {
      return this.#halve(moves, facts, error);
    }
    committed?.(report);
    for (const [runId, outcome] of report.outcomes) {
      if (outcome.kind !== "fault") faults.settled(runId);
      else await this.#countFault(moves.find((move) => move.runId === runId)!, outcome.error);
    }
    return report;
  }

  /** Something in the batch cannot be committed: halves find out what, and let the rest go on. */
  async #halve(moves: readonly Move[], facts: FactsOf, error: unknown): Promise<null> {
    if (isDatabaseOutage(error)) throw error;
    if (moves.length === 1) {
      await this.#countFault(moves[0]!, error);
      return null;
    }
    const middle = Math.ceil(moves.length / 2);
    await this.#commit(moves.slice(0, middle), facts);
    await this.#commit(moves.slice(middle), facts);
    return null;
  }

  async #countFault(move: Move, error: unknown): Promise<void> {
    const { commits, mover, faults, clock, log } = this.#options;
    const { runId, organizationId } = move;
    if (!faults.failed(runId, clock.now())) {
      log.warn({ runId, organizationId, err: error }, "A run cannot be moved; it is tried again.");
      return;
    }
    log.error({ runId, organizationId, err: error }, "A run could not be moved several times; it is stopped at ERROR.");
    const { outcomes } = await commits.commit((unit) =>
      mover.move([{ runId, organizationId, input: { kind: "giveUp" } }], unit),
    );
    if (outcomes.get(runId)?.kind !== "fault") faults.settled(runId);
  }
}
