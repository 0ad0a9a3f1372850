import type { Session } from "@cadenza/storage";
import type { DueRun } from "../src/runs/run-places.ts";
import type { Run } from "../src/runs/model.ts";
import {
  type Rival,
  type RivalQuery,
  type RunChange,
  type RunKey,
  type RunRepository,
  StaleRunError,
} from "../src/runs/run-repository.ts";
import type { SimulatedEnvelope } from "./simulated-bus.ts";

/** What the orchestrator's database holds. A transaction reads as of its begin; of two that write the same, the first wins. */
export class MemoryDatabase {
  runs = new Map<string, Run>();
  readonly handled = new Set<string>();
  /** Starts that have made a run, or were refused for good. */
  readonly answered = new Set<string>();
  /** Keys of effects whose withdrawal has been told. */
  readonly withdrawals = new Set<string>();
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
  /** Starts that this transaction answers. */
  readonly answered = new Set<string>();
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

  /**
   * @returns false after a write conflict, or where a unique index refuses what a transaction in between made impossible:
   * nothing is written, the work is to be done again.
   * @throws DuplicateRunError where nobody came in between: doing it again would not help.
   */
  commit(): boolean {
    const { runs, handled, answered, withdrawals, onCommit } = this.#database;
    for (const runId of this.written.keys()) if (runs.get(runId) !== this.snapshot.get(runId)) return false;
    for (const envelopeId of this.#claimed) if (handled.has(envelopeId)) return false;
    const after = new Map([...runs, ...this.written]);
    const duplicate = this.written.size > 0 ? duplicateIn(after.values()) : null;
    if (duplicate && runs !== this.snapshot) return false;
    if (duplicate) throw new DuplicateRunError(duplicate);
    for (const run of this.written.values()) onCommit(run, runs.get(run._id));
    if (this.written.size > 0) this.#database.runs = after;
    for (const envelopeId of this.#claimed) handled.add(envelopeId);
    for (const startId of this.answered) answered.add(startId);
    for (const { kind, items } of this.told)
      if (kind === "withdrawMessage" || kind === "withdrawTask")
        for (const { effectKey } of items) withdrawals.add(effectKey);
    return true;
  }
}

/** Of a workflow, and of an exclusivity group, a contact has one open run; its runs of a workflow are numbered (ENR-1, ENR-2). */
function duplicateIn(runs: Iterable<Run>): string | null {
  const keys = new Set<string>();
  for (const { workflowId, contactId, ordinal, open, exclusivityGroup } of runs) {
    const own = [`ordinal ${workflowId} ${contactId} ${ordinal}`];
    if (open) own.push(`oneOpenRun ${workflowId} ${contactId}`);
    if (open && exclusivityGroup) own.push(`oneOfGroup ${exclusivityGroup} ${contactId}`);
    for (const key of own) {
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return null;
}

export class DuplicateRunError extends Error {
  constructor(key: string) {
    super(`Two runs with ${key}.`);
    this.name = "DuplicateRunError";
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

  async rivals(
    _organizationId: string,
    { contactIds, workflowIds, groups }: RivalQuery,
    session: Session,
  ): Promise<Rival[]> {
    return [...transactionOf(session).snapshot.values()].filter(
      ({ open, contactId, workflowId, exclusivityGroup: group }) =>
        open && contactIds.includes(contactId) && (workflowIds.includes(workflowId) || groups.includes(group ?? "")),
    );
  }

  /** Every run of these contacts, as the transaction sees them. */
  ofContacts(contactIds: readonly string[], session: Session): Run[] {
    return [...transactionOf(session).snapshot.values()].filter(({ contactId }) => contactIds.includes(contactId));
  }

  /** Notes that a start has its answer. */
  answer(startId: string, session: Session): void {
    transactionOf(session).answered.add(startId);
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
