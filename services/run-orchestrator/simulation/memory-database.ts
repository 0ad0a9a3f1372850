import type { Session } from "@cadenza/storage";
import type { DueRun } from "../src/runs/store.ts";
import type { Run } from "../src/runs/model.ts";
import { type RunChange, type RunKey, type RunRepository, StaleRunError } from "../src/runs/run-repository.ts";
import type { SimulatedEnvelope } from "./simulated-bus.ts";

/** What the orchestrator's database holds. A transaction reads as of its begin; of two that write the same, the first wins. */
export class MemoryDatabase {
  runs = new Map<string, Run>();
  readonly handled = new Set<string>();
  /** Told of every committed run, to judge it. */
  readonly onCommit: (run: Run, before: Run | undefined) => void;

  constructor(onCommit: (run: Run, before: Run | undefined) => void) {
    this.onCommit = onCommit;
  }

  begin(): MemoryTransaction {
    return new MemoryTransaction(this, this.runs);
  }
}

export class MemoryTransaction {
  readonly snapshot: ReadonlyMap<string, Run>;
  readonly written = new Map<string, Run>();
  readonly told: SimulatedEnvelope[] = [];
  readonly #claimed = new Set<string>();
  readonly #database: MemoryDatabase;

  constructor(database: MemoryDatabase, snapshot: ReadonlyMap<string, Run>) {
    this.#database = database;
    this.snapshot = snapshot;
  }

  /** @returns false where the envelope has been handled before. */
  claim(envelopeId: string): boolean {
    if (this.#database.handled.has(envelopeId)) return false;
    this.#claimed.add(envelopeId);
    return true;
  }

  /** @returns false after a write conflict: nothing is written, the work is to be done again. */
  commit(): boolean {
    const { runs, handled, onCommit } = this.#database;
    for (const runId of this.written.keys()) if (runs.get(runId) !== this.snapshot.get(runId)) return false;
    for (const envelopeId of this.#claimed) if (handled.has(envelopeId)) return false;
    for (const run of this.written.values()) onCommit(run, runs.get(run._id));
    if (this.written.size > 0) this.#database.runs = new Map([...runs, ...this.written]);
    for (const envelopeId of this.#claimed) handled.add(envelopeId);
    return true;
  }
}

/** The transaction travels where the driver's session does. */
export function sessionOf(transaction: MemoryTransaction): Session {
  return transaction as unknown as Session;
}

function transactionOf(session: Session): MemoryTransaction {
  return session as unknown as MemoryTransaction;
}

/** The store's promises, kept in memory. */
export class MemoryRuns implements RunRepository {
  readonly #database: MemoryDatabase;

  constructor(database: MemoryDatabase) {
    this.#database = database;
  }

  async read(keys: readonly RunKey[], session: Session): Promise<Run[]> {
    const { snapshot } = transactionOf(session);
    return [...new Set(keys.map(({ runId }) => runId))].flatMap((runId) => snapshot.get(runId) ?? []);
  }

  async write(changes: readonly RunChange[], session: Session): Promise<void> {
    const { snapshot, written } = transactionOf(session);
    const matched = changes.filter(({ before }) => snapshot.get(before._id)?.version === before.version);
    if (matched.length !== changes.length) throw new StaleRunError(changes.length, matched.length);
    for (const { after } of changes) written.set(after._id, after);
  }

  async insert(runs: readonly Run[], session: Session): Promise<void> {
    for (const run of runs) transactionOf(session).written.set(run._id, run);
  }

  async openRuns(
    _organizationId: string,
    workflowId: string,
    contactIds: readonly string[],
    session: Session,
  ): Promise<Map<string, string>> {
    const open = [...transactionOf(session).snapshot.values()].filter(
      (run) => run.open && run.workflowId === workflowId && contactIds.includes(run.contactId),
    );
    return new Map(open.map(({ contactId, _id }) => [contactId, _id]));
  }

  due({ shards, until, limit }: { shards: readonly number[]; until: Date; limit: number }): DueRun[] {
    return this.#alarms(shards)
      .filter(({ wakeAt }) => wakeAt <= until)
      .slice(0, limit);
  }

  nextAlarm(shards: readonly number[], after: Date): Date | null {
    return this.#alarms(shards).find(({ wakeAt }) => wakeAt > after)?.wakeAt ?? null;
  }

  #alarms(shards: readonly number[]): DueRun[] {
    const owned = new Set(shards);
    const set = [...this.#database.runs.values()].flatMap(({ _id, organizationId, shard, wakeAt }) =>
      wakeAt && owned.has(shard) ? [{ _id, organizationId, wakeAt }] : [],
    );
    return set.toSorted((a, b) => a.wakeAt.getTime() - b.wakeAt.getTime());
  }
}
