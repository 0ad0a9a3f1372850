import { randomUUID } from "node:crypto";
import type { Definition, StepResult, UpdateLeadCommand, WorkflowStatus } from "@cadenza/contracts";
import { type UnitOfWork, connectBus, consumeCommands, createCommitter, ensureStreams } from "@cadenza/messaging";
import { createLogger, realClock } from "@cadenza/platform";
import { connectDatabase, organizationScope } from "@cadenza/storage";
import { eventually, startNats, streamPrefix, testDatabase } from "@cadenza/testkit";
import { expect, test } from "vitest";
import { definition, idOf, newRun, task, updateLead } from "../runs/definition-builder.ts";
import type { Run } from "../runs/model.ts";
import type { NewRun } from "../runs/new-run.ts";
import type { DefinitionSource } from "./definitions.ts";
import { Engine } from "./engine.ts";

const scope = organizationScope(idOf("organization"));

/** One house: a database and a bus of its own, with as many engines and receivers as a test needs. */
async function house(first: Definition) {
  const [stored, nats] = await Promise.all([testDatabase("engine"), startNats()]);
  const namespace = `${streamPrefix()}_`;
  const log = createLogger({ service: "test", level: "warn" });
  const workflow = { current: first, status: "ACTIVE" as WorkflowStatus };
  const revisions = new Map([[first.revision, first]]);
  const definitions: DefinitionSource = {
    current: async (workflows) =>
      new Map(
        workflows.map(({ workflowId }) => [workflowId, { definition: workflow.current, status: workflow.status }]),
      ),
    revision: async (_, revision) => revisions.get(revision) ?? null,
  };
  const closing: (() => Promise<unknown>)[] = [];
  const part = async (service: string) => {
    const database = await connectDatabase({
      url: stored.url,
      name: service === "run-orchestrator" ? stored.name : `${stored.name}_x`,
      log,
    });
    const bus = await connectBus({ url: nats.url, name: service, log, namespace });
    await ensureStreams(bus, { replicas: 1 });
    const committer = createCommitter({ database, bus, clock: realClock, service, log });
    await committer.start();
    closing.push(async () => {
      await committer.stop();
      await bus.close();
      await database.close();
    });
    return { database, bus, committer };
  };
  const engine = async () => {
    const parts = await part("run-orchestrator");
    const engine = new Engine({
      ...parts,
      clock: realClock,
      definitions,
      contacts: { zonesOf: async () => new Map() },
      holder: randomUUID(),
    });
    await engine.start();
    closing.unshift(() => engine.drain());
    return { ...parts, engine };
  };
  /** Has the effect of Update Lead: nothing but a count of how often each key had it. */
  const receiver = async () => {
    const { committer } = await part("crm");
    const effects = new Map<string, number>();
    const effect = async (items: UpdateLeadCommand[], unit: UnitOfWork): Promise<StepResult[]> => {
      unit.afterCommit(() => {
        for (const { key } of items) effects.set(key, (effects.get(key) ?? 0) + 1);
      });
      return items.map(({ key, runId, stepId, attempt }) => {
        return {
          key,
          runId,
          stepId,
          attempt,
          outcome: "DONE",
          reason: null,
          messageId: null,
          taskId: null,
          changes: [],
          at: realClock.now(),
        };
      });
    };
    const consumer = await consumeCommands({ committer, kind: "updateLead", effect });
    closing.unshift(() => consumer.stop());
    return { effects, committer };
  };
  const edit = (next: Definition, status: WorkflowStatus = "ACTIVE"): void => {
    revisions.set(next.revision, next);
    workflow.current = next;
    workflow.status = status;
  };
  return {
    engine,
    receiver,
    edit,
    async [Symbol.asyncDispose]() {
      for (const close of closing) await close();
      await stored.drop();
    },
  };
}

function starts(count: number): NewRun[] {
  return Array.from({ length: count }, (_, i) => {
    const {
      _id: id,
      organizationId,
      workflowId,
      leadId,
      contactId,
      opportunityId,
      ordinal,
      startedBy,
      enrollingUserId,
      event,
      depth,
      chosenAccountIds,
    } = newRun(`run ${i}`, realClock.now());
    return {
      id,
      organizationId,
      workflowId,
      leadId,
      contactId,
      opportunityId,
      ordinal,
      startedBy,
      enrollingUserId,
      event,
      depth,
      chosenAccountIds,
    };
  });
}

async function startRuns(
  { engine, committer }: { engine: Engine; committer: ReturnType<typeof createCommitter> },
  count: number,
  under: Definition,
): Promise<void> {
  const all = starts(count);
  const lots = Array.from({ length: Math.ceil(count / 200) }, (_, i) => all.slice(i * 200, (i + 1) * 200));
  await Promise.all(lots.map((lot) => committer.commit((unit) => engine.startRuns(unit, lot, under))));
}

const statuses = async (engine: Engine, filter: Partial<Run>): Promise<number> =>
  engine.runs.tenant.count(scope, filter);
const three = definition([updateLead("one"), updateLead("two"), updateLead("three")]);

test("RUN-4: a thousand runs of three operational steps finish, each step's effect had once", async () => {
  await using world = await house(three);
  const [first, receiver] = [await world.engine(), await world.receiver()];
  await startRuns(first, 1000, three);
  await eventually(async () => expect(await statuses(first.engine, { status: "FINISHED" })).toBe(1000), {
    timeoutMs: 20_000,
  });

  expect([...receiver.effects.values()].filter((count) => count !== 1)).toEqual([]);
  expect(receiver.effects.size).toBe(3000);
  const [run] = await first.engine.runs.tenant.find(scope, {}, { limit: 1 });
  expect(run!.executions.map(({ status, attempt, revision }) => [status, attempt, revision])).toEqual(
    Array(3).fill(["DONE", 1, 1]),
  );
  expect(run!.transitions.map(({ from, to }) => [from, to])).toEqual([
    [null, "ACTIVE"],
    ["ACTIVE", "FINISHED"],
  ]);
});

test("REL-1: what an abandoned engine leaves behind is taken over by another", async () => {
  const delayed = definition([updateLead("one", { delay: { amount: 1, unit: "MINUTE" } }), updateLead("two")]);
  await using world = await house(delayed);
  const first = await world.engine();
  await world.receiver();
  await startRuns(first, 50, delayed);
  await first.engine.abandon();
  const second = await world.engine();
  world.edit(definition([updateLead("one"), updateLead("two")], { revision: 2 }));
  await second.committer.commit(async (unit) => {
    unit.tell({
      kind: "workflowChanged",
      organizationId: scope.organizationId,
      items: [
        {
          key: "change",
          workflowId: idOf("workflow"),
          revision: 2,
          status: "ACTIVE",
          actor: { kind: "SYSTEM", id: null, label: "" },
          at: realClock.now(),
        },
      ],
    });
  });
  await eventually(async () => expect(await statuses(second.engine, { status: "FINISHED" })).toBe(50), {
    timeoutMs: 20_000,
  });
});

test("RUN-4: a redelivered result moves the run once", async () => {
  const withTask = definition([task("one"), task("two")]);
  await using world = await house(withTask);
  const first = await world.engine();
  await startRuns(first, 1, withTask);
  const [run] = await first.engine.runs.tenant.find(scope, {}, {});
  const result = {
    key: `${run!._id}:${idOf("one")}:1`,
    runId: run!._id,
    stepId: idOf("one"),
    attempt: 1,
    reason: null,
    messageId: null,
    taskId: idOf("task"),
    changes: null,
    at: realClock.now(),
  };
  const tell = () =>
    first.committer.commit(async (unit) =>
      unit.tell({
        kind: "tasksStepEnded",
        organizationId: scope.organizationId,
        items: [{ ...result, outcome: "DONE" }],
      }),
    );
  await Promise.all([tell(), tell(), tell()]);
  await eventually(async () => {
    const [moved] = await first.engine.runs.tenant.find(scope, {}, {});
    expect(moved!.executions.map(({ stepId, status }) => [stepId, status])).toEqual([
      [idOf("one"), "DONE"],
      [idOf("two"), "PROCESSING"],
    ]);
    expect(moved!.version).toBe(2);
  });
});

test("RUN-1: people's actions on many runs are one call, each answered for itself", async () => {
  const withTask = definition([task("one")]);
  await using world = await house(withTask);
  const first = await world.engine();
  await startRuns(first, 3, withTask);
  const ids = (await first.engine.runs.tenant.find(scope, {}, {})).map(({ _id }) => _id);
  const actor = { kind: "USER", id: idOf("user"), label: "Ada" } as const;
  await first.engine.apply(scope, [ids[0]!], { kind: "cancel", actor });
  const answers = await first.engine.apply(scope, [...ids, idOf("nobody")], { kind: "pause", actor });
  expect(
    [...answers.values()].map((answer) => answer && ("run" in answer ? answer.run.status : answer.refused.code)),
  ).toEqual(["RUN_NOT_OPEN", "PAUSED", "PAUSED", null]);
});
