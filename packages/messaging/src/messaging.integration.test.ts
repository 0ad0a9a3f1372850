import { type ItemOf, NO_CAUSATION, type StepResult } from "@cadenza/contracts";
import { createLogger, newId, ServiceUnavailableError } from "@cadenza/platform";
import { connectDatabase, type Database } from "@cadenza/storage";
import { eventually, startNats, streamPrefix, TestClock, testDatabase } from "@cadenza/testkit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type Bus,
  type Committer,
  connectBus,
  type Consumer,
  consume,
  consumeCommands,
  createCommitter,
  ensureStreams,
} from "./index.ts";

const clock = new TestClock();
const log = createLogger({ service: "test", level: "fatal" });
const organizationId = newId(clock.now());
let database: Database;
let bus: Bus;
let committer: Committer;
let drop: () => Promise<void>;
let consumers: Consumer[];

beforeEach(async () => {
  const created = await testDatabase("messaging");
  drop = created.drop;
  database = await connectDatabase({ url: created.url, name: created.name, log });
  bus = await connectBus({ url: (await startNats()).url, name: "test", log, namespace: streamPrefix() });
  await ensureStreams(bus, { replicas: 1 });
  committer = createCommitter({ database, bus, clock, service: "crm", log });
  await committer.start();
  consumers = [];
});
afterEach(async () => {
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  await committer.stop();
  await bus.close();
  await database.close();
  await drop();
});

function command(text: string): ItemOf<"updateLead"> {
  const [runId, stepId] = [newId(clock.now()), newId(clock.now())];
  const subject = {
    workflowId: stepId,
    leadId: stepId,
    contactId: stepId,
    opportunityId: null,
    creatorOrEnrollingUserId: stepId,
  };
  return {
    key: `${runId}:${stepId}:1`,
    runId,
    stepId,
    attempt: 1,
    ...subject,
    event: null,
    causation: NO_CAUSATION,
    at: clock.now(),
    fields: [{ field: "name", value: text, template: null }],
    overwrite: true,
    addMissingChoices: false,
  };
}

function done(item: ItemOf<"updateLead">): StepResult {
  return {
    key: item.key,
    runId: item.runId,
    stepId: item.stepId,
    attempt: 1,
    outcome: "DONE",
    reason: null,
    messageId: null,
    taskId: null,
    changes: null,
    at: clock.now(),
  };
}

const tell = (items: ItemOf<"updateLead">[]) =>
  committer.commit(async (unit) => unit.tell({ kind: "updateLead", organizationId, items }));

/** Every result that the orchestrator would see. */
async function collectResults(): Promise<StepResult[]> {
  const results: StepResult[] = [];
  consumers.push(
    await consume({
      committer,
      durable: "results",
      kinds: ["crmStepEnded"],
      handle: async (envelopes, unit) =>
        unit.afterCommit(() => results.push(...envelopes.flatMap(({ items }) => items))),
    }),
  );
  return results;
}

test("RUN-4: a command told again has its effect once and is answered again with the same result", async () => {
  const effects: string[] = [];
  consumers.push(
    await consumeCommands({
      committer,
      kind: "updateLead",
      effect: async (items, unit) => {
        unit.afterCommit(() => effects.push(...items.map(({ key }) => key)));
        return items.map(done);
      },
    }),
  );
  const results = await collectResults();
  const items = Array.from({ length: 450 }, (_, index) => command(`lead ${index}`));
  await tell(items);
  await tell(items.slice(0, 10));
  await eventually(() => expect(results.length).toBe(460));
  expect(effects.length).toBe(450);
  expect(new Set(results.map(({ key }) => key))).toEqual(new Set(items.map(({ key }) => key)));
});

test("REL-6: one bad item does not hold up the others, and ends as a visible error", { timeout: 60_000 }, async () => {
  consumers.push(
    await consumeCommands({
      committer,
      kind: "updateLead",
      effect: async (items) => {
        if (items.some((item) => item.fields[0]?.value === "poison")) throw new Error("cannot be handled");
        return items.map(done);
      },
    }),
  );
  const results = await collectResults();
  const items = [command("good"), command("poison"), command("good as well")];
  await tell(items);
  await eventually(() =>
    expect(
      results
        .filter(({ outcome }) => outcome === "DONE")
        .map(({ key }) => key)
        .sort(),
    ).toEqual([items[0]!.key, items[2]!.key].sort()),
  );
  await eventually(
    () =>
      expect(results.find(({ key }) => key === items[1]!.key)).toMatchObject({
        outcome: "ERROR",
        reason: { code: "INTERNAL_ERROR" },
      }),
    { timeoutMs: 40_000 },
  );
  expect(await database.connection.collection("deadLetters").countDocuments({ organizationId })).toBe(1);
  expect(results.filter(({ key }) => key !== items[1]!.key).length).toBe(2);
});

test("REL-4: what fails because another service is away is handed back and tried again", async () => {
  let tries = 0;
  consumers.push(
    await consumeCommands({
      committer,
      kind: "updateLead",
      effect: async (items) => {
        if (++tries <= 3) throw new ServiceUnavailableError("A part of Cadenza");
        return items.map(done);
      },
    }),
  );
  const results = await collectResults();
  await tell([command("late")]);
  await eventually(() => expect(results.map(({ outcome }) => outcome)).toEqual(["DONE"]));
  expect(await database.connection.collection("deadLetters").countDocuments({ organizationId })).toBe(0);
});

test("PERF-9: what a killed replica had received is another's within ten seconds", { timeout: 40_000 }, async () => {
  const [stream, durable] = [bus.named("COMMANDS"), bus.named("cmd-crm-update-lead")];
  const options = { committer, durable: "cmd-crm-update-lead", kinds: ["updateLead"] as const };
  await (await consume({ ...options, handle: async () => undefined })).stop();
  const item = command("A");
  await tell([item]);
  const killed = await bus.jetstream.consumers.get(stream, durable);
  expect(await killed.next()).not.toBeNull();

  const keys: string[] = [];
  consumers.push(
    await consume({
      ...options,
      handle: async (envelopes, unit) =>
        unit.afterCommit(() => keys.push(...envelopes.flatMap(({ items }) => items.map(({ key }) => key)))),
    }),
  );
  await eventually(() => expect(keys).toEqual([item.key]), { timeoutMs: 10_000 });
});

test("REL-6: envelopes that wait their turn behind slow ones are not told again meanwhile", {
  timeout: 60_000,
}, async () => {
  const durable = "cmd-crm-update-lead";
  // Too large to be handled together; the last waits longer than the server has patience with one that says nothing.
  const lots = ["A", "B", "C"].map((name) => Array.from({ length: 150 }, () => command(name)));
  const handled: number[] = [];
  consumers.push(
    await consume({
      committer,
      durable,
      kinds: ["updateLead"],
      concurrency: 1,
      handle: async (envelopes, unit) => {
        const since = performance.now();
        await vi.waitUntil(() => performance.now() - since > 4500, { timeout: 10_000 });
        unit.afterCommit(() => handled.push(...envelopes.map(({ items }) => items.length)));
      },
    }),
  );
  for (const lot of lots) await tell(lot);
  await eventually(() => expect(handled).toEqual([150, 150, 150]), { timeoutMs: 30_000 });
  const info = await bus.manager.consumers.info(bus.named("COMMANDS"), bus.named(durable));
  expect(info.num_redelivered).toBe(0);
});

test("REL-7: a consumer that an earlier version made with another configuration is taken over", async () => {
  const [stream, durable] = [bus.named("COMMANDS"), bus.named("cmd-crm-update-lead")];
  await bus.manager.consumers.add(stream, {
    durable_name: durable,
    ack_policy: "explicit",
    filter_subjects: [bus.named("cmd.crm.update-lead")],
    ack_wait: 30e9,
    max_ack_pending: 7,
    max_deliver: -1,
  });
  const keys: string[] = [];
  consumers.push(
    await consume({
      committer,
      durable: "cmd-crm-update-lead",
      kinds: ["updateLead"],
      handle: async (envelopes, unit) =>
        unit.afterCommit(() => keys.push(...envelopes.flatMap(({ items }) => items.map(({ key }) => key)))),
    }),
  );
  const item = command("A");
  await tell([item]);
  await eventually(() => expect(keys).toEqual([item.key]));
  expect((await bus.manager.consumers.info(stream, durable)).config.ack_wait).toBe(8e9);
});

test("REL-3: what was told is not lost when the streams are deleted", { timeout: 60_000 }, async () => {
  await tell([command("before")]);
  await eventually(async () =>
    expect(await database.connection.collection("outbox").countDocuments({ incarnation: { $ne: null } })).toBe(1),
  );
  await Promise.all(["COMMANDS", "EVENTS"].map((stream) => bus.manager.streams.delete(bus.named(stream))));

  // Whoever starts next compares the stream with its marks.
  await ensureStreams(bus, { replicas: 1 });
  const restarted = createCommitter({ database, bus, clock, service: "crm", log });
  await restarted.start();
  consumers.push(
    await consumeCommands({ committer: restarted, kind: "updateLead", effect: async (items) => items.map(done) }),
  );
  const results = await collectResults();
  await eventually(() => expect(results.length).toBe(1), { timeoutMs: 20_000 });
  await restarted.stop();
});

test("REL-3: a wiped server has no streams when the connection is back: what was told goes out soon after they are", async () => {
  await tell([command("before")]);
  await eventually(async () =>
    expect(await database.connection.collection("outbox").countDocuments({ incarnation: { $ne: null } })).toBe(1),
  );
  await Promise.all(["COMMANDS", "EVENTS"].map((stream) => bus.manager.streams.delete(bus.named(stream))));
  const compared = vi.spyOn(bus.manager.streams, "info");
  await bus.connection.reconnect();
  await eventually(() => expect(compared).toHaveBeenCalled());
  await expect(compared.mock.results[0]!.value).rejects.toThrow("stream not found");
  compared.mockRestore();

  await ensureStreams(bus, { replicas: 1 });
  // Well before the comparison that comes every 30 s.
  await eventually(async () => expect((await bus.manager.streams.info(bus.named("COMMANDS"))).state.messages).toBe(1), {
    timeoutMs: 8000,
  });
});

test("REL-3: a consumer whose stream vanished comes back by itself", { timeout: 60_000 }, async () => {
  consumers.push(await consumeCommands({ committer, kind: "updateLead", effect: async (items) => items.map(done) }));
  const results = await collectResults();
  await tell([command("before")]);
  await eventually(() => expect(results.length).toBe(1));
  await Promise.all(["COMMANDS", "EVENTS"].map((stream) => bus.manager.streams.delete(bus.named(stream))));
  await tell([command("after")]);
  await eventually(() => expect(results.length).toBe(2), { timeoutMs: 40_000 });
});

test("REL-1: what was committed and not published goes out later; what was rolled back never does", async () => {
  const results = await collectResults();
  consumers.push(await consumeCommands({ committer, kind: "updateLead", effect: async (items) => items.map(done) }));
  const kept = command("kept");
  const publish = bus.jetstream.publish.bind(bus.jetstream);
  // As a process does that is killed between its commit and its publish.
  bus.jetstream.publish = () => Promise.reject(new Error("killed"));
  await tell([kept]);
  bus.jetstream.publish = publish;
  await expect(
    committer.commit(async (unit) => {
      unit.tell({ kind: "updateLead", organizationId, items: [command("never")] });
      throw new Error("rolled back");
    }),
  ).rejects.toThrow("rolled back");
  await eventually(() => expect(results.map(({ key }) => key)).toEqual([kept.key]), { timeoutMs: 15_000 });
});

test("API-3: an envelope carries one organization, whatever is told together", async () => {
  const seen: string[] = [];
  consumers.push(
    await consumeCommands({
      committer,
      kind: "updateLead",
      effect: async (items, unit, { scope }) => {
        unit.afterCommit(() => seen.push(`${scope.organizationId}:${items.length}`));
        return items.map(done);
      },
    }),
  );
  const other = newId(clock.now());
  await committer.commit(async (unit) => {
    unit.tell({ kind: "updateLead", organizationId, items: [command("a"), command("b")] });
    unit.tell({ kind: "updateLead", organizationId: other, items: [command("c")] });
  });
  await eventually(() => expect(seen.sort()).toEqual([`${organizationId}:2`, `${other}:1`].sort()));
});
