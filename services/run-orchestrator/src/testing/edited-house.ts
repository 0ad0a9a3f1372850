import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Actor, Definition, StepResult, WorkflowStatus } from "@cadenza/contracts";
import { connectBus, consume, createCommitter, ensureStreams } from "@cadenza/messaging";
import { createLogger, newId, OffsetClock, realClock } from "@cadenza/platform";
import { connectDatabase, organizationScope } from "@cadenza/storage";
import { eventually, startNats, streamPrefix, testDatabase } from "@cadenza/testkit";
import type { DefinitionSource } from "../engine/definitions.ts";
import { Engine } from "../engine/engine.ts";
import type { Retime } from "../engine/retimes.ts";
import { commandKey } from "../runs/commands.ts";
import type { RunCommand } from "../runs/decide.ts";
import { EPOCH, idOf, newRun } from "../runs/definition-builder.ts";
import { currentExecution, type Run, type StepExecution } from "../runs/model.ts";

const COMMAND_KINDS = ["updateLead", "createTask", "prepareEmail", "withdrawTask", "withdrawMessage"] as const;
const ADA: Actor = { kind: "USER", id: idOf("user"), label: "Ada" };
const EVENT_OF = {
  UPDATE_LEAD: "crmStepEnded",
  TASK: "tasksStepEnded",
  EMAIL: "communicationsStepEnded",
} as const;

/** So many hours after a house's clock began. */
export const hoursIn = (hours: number): Date => new Date(EPOCH.getTime() + hours * 3_600_000);

/** A look at the newest revision that has been had and not yet used: whoever took it goes on when it is released. */
type HeldLook = { taken: Promise<void>; release: () => void };

/**
 * Workflows that are edited while engines move their runs: real MongoDB and NATS, a clock that stands still until it is moved,
 * and effects whose ends the test tells. The order of a race is the test's: it holds a look at the newest revision.
 */
export async function startEditedHouse(...initial: Definition[]) {
  const [stored, nats] = await Promise.all([testDatabase("edits"), startNats()]);
  const namespace = `${streamPrefix()}_`;
  const log = createLogger({ service: "test", level: "silent" });
  const clock = new OffsetClock({ now: () => EPOCH });
  const scope = organizationScope(idOf("organization"));
  const newest = new Map<string, { definition: Definition; status: WorkflowStatus }>();
  const revisions = new Map<string, Definition>();
  const looks: { taken: () => void; released: Promise<void> }[] = [];
  let saves = 0;
  const hooks = { look: async (): Promise<void> => undefined };
  let looked = 0;
  let started = 0;
  let lookedAtAgain = 0;

  const definitions: DefinitionSource = {
    current: async (workflows) => {
      looked++;
      // Engines look once more for whom they have just started.
      lookedAtAgain += workflows.filter((workflow) => "runId" in workflow).length;
      const answer = new Map(workflows.map(({ workflowId }) => [workflowId, newest.get(workflowId)!]));
      await hooks.look();
      const held = looks.shift();
      held?.taken();
      await held?.released;
      return answer;
    },
    revision: async ({ workflowId }, revision) => revisions.get(`${workflowId}:${revision}`) ?? null,
  };
  const keep = (definition: Definition, status: WorkflowStatus = "ACTIVE"): void => {
    revisions.set(`${definition.workflowId}:${definition.revision}`, definition);
    newest.set(definition.workflowId, { definition, status });
  };
  for (const definition of initial) keep(definition);

  const closing: (() => Promise<unknown>)[] = [];
  const part = async (service: string, name: string) => {
    const database = await connectDatabase({ url: stored.url, name, log });
    const bus = await connectBus({ url: nats.url, name: service, log, namespace });
    await ensureStreams(bus, { replicas: 1 });
    const committer = createCommitter({ database, bus, clock, service, log });
    await committer.start();
    closing.push(async () => {
      await committer.stop();
      await bus.close();
      await database.close();
    });
    return { database, bus, committer };
  };
  const replica = async () => {
    const parts = await part("run-orchestrator", stored.name);
    const contacts = { zonesOf: async () => new Map() };
    const engine = new Engine({ ...parts, clock, definitions, contacts, holder: randomUUID() });
    await engine.start();
    closing.unshift(() => engine.drain());
    return { ...parts, engine };
  };
  const first = await replica();
  const outside = await part("outside", `${stored.name}_outside`);
  /** What the other services were told to do; commands that are sent again stand once. */
  const told = new Map<string, RunCommand>();
  const listener = await consume({
    committer: outside.committer,
    durable: "outside-commands",
    kinds: COMMAND_KINDS,
    handle: async (envelopes, unit) => {
      unit.afterCommit(() => {
        for (const { kind, items } of envelopes)
          for (const item of items) told.set(item.key, { kind, item } as RunCommand);
      });
    },
  });
  closing.unshift(() => listener.stop());

  const { organizationId } = scope;
  const { runs } = first.engine;
  const walks = first.database.system<Retime>("retimes", "Tests look at the walks of all organizations.");
  const handled = first.database.system<{ _id: string }>("handled", "Tests count what was taken in.");
  const idOfRun = (name: string): string => newRun(name, EPOCH)._id;
  const run = async (name = "run"): Promise<Run> => {
    const found = await runs.tenant.findOne(scope, { _id: idOfRun(name) });
    if (!found) throw new Error(`There is no run ${name}.`);
    return found;
  };

  const current = async (name = "run"): Promise<StepExecution> => {
    const execution = currentExecution(await run(name));
    if (!execution) throw new Error(`Run ${name} stands at no step.`);
    return execution;
  };
  /** What a person sees of the run's steps. */
  const seen = async (name = "run"): Promise<string[]> =>
    (await run(name)).executions.map(({ name, status, reason }) =>
      [name, status, ...(reason ? [reason.code] : [])].join(" "),
    );

  return {
    clock,
    scope,
    runs,
    told,
    hooks,
    walks,
    run,
    engine: first.engine,
    replica: async () => (await replica()).engine,
    /** The newest revision from now on; told as the service does, unless a test wants it known but not told. */
    async save(next: Definition, options: { status?: WorkflowStatus; isTold?: boolean } = {}): Promise<void> {
      const { status = "ACTIVE", isTold = true } = options;
      keep(next, status);
      if (!isTold) return;
      saves++;
      const { workflowId, revision } = next;
      const item = { key: newId(realClock.now()), workflowId, revision, status, actor: ADA, at: clock.now() };
      await outside.committer.commit(async (unit) =>
        unit.tell({ kind: "workflowChanged", organizationId, items: [item] }),
      );
    },
    /** Until every change that was told has been shown to all runs. */
    async shown(): Promise<void> {
      await eventually(
        async () => {
          const noted = await handled.countDocuments({ _id: { $regex: "^run-orchestrator-retimes:" } });
          const left = await walks.countDocuments({});
          if (noted < saves || left > 0) throw new Error(`${noted} of ${saves} changes are noted, ${left} walks left.`);
        },
        { timeoutMs: 20_000 },
      );
    },
    /** How often somebody has looked for the newest revision. */
    looks: () => looked,
    /** The next look at the newest revision waits, having seen what is newest then. */
    holdNextLook(): HeldLook {
      const taken = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      looks.push({ taken: taken.resolve, released: released.promise });
      return { taken: taken.promise, release: released.resolve };
    },
    /** Starts runs under this revision, and waits for the engine to have looked for a newer one. */
    async start(under: Definition, ...names: string[]): Promise<void> {
      const starts = names.map((name) => {
        const { _id: id, ...start } = newRun(name, EPOCH);
        return { ...start, id, workflowId: under.workflowId };
      });
      const lots = Array.from({ length: Math.ceil(starts.length / 200) }, (_, i) =>
        starts.slice(i * 200, (i + 1) * 200),
      );
      await Promise.all(lots.map((lot) => first.committer.commit((unit) => first.engine.startRuns(unit, lot, under))));
      started += names.length;
      await eventually(() => assert.equal(lookedAtAgain, started));
    },
    /** Tells what became of the run's current step. */
    async answer(name: string, outcome: StepResult["outcome"], overrides: Partial<StepResult> = {}): Promise<void> {
      const { stepId, attempt, kind } = await current(name);
      const runId = idOfRun(name);
      await this.tell(kind as keyof typeof EVENT_OF, {
        key: commandKey(runId, stepId, attempt),
        runId,
        stepId,
        attempt,
        outcome,
        reason: null,
        messageId: kind === "EMAIL" ? idOf("message") : null,
        taskId: kind === "TASK" ? idOf("task") : null,
        changes: null,
        at: clock.now(),
        ...overrides,
      });
    },
    tell(kind: keyof typeof EVENT_OF, ...items: StepResult[]): Promise<void> {
      return outside.committer.commit(async (unit) => unit.tell({ kind: EVENT_OF[kind], organizationId, items }));
    },
    /** The step that the run stands at. */
    current,
    /** Until a person sees these steps of the run. */
    async reaches(name: string, steps: string[]): Promise<void> {
      await eventually(async () => assert.deepEqual(await seen(name), steps));
    },
    /** Moves the clock to so many minutes after the beginning. */
    at(minutes: number): void {
      clock.setOffsetMs(minutes * 60_000);
    },
    seen,
    async [Symbol.asyncDispose]() {
      for (const close of closing) await close();
      await stored.drop();
    },
  };
}

export type EditedHouse = Awaited<ReturnType<typeof startEditedHouse>>;
