import type { Schedule } from "@cadenza/contracts";
import type { MessageDocument } from "@cadenza/sending";
import { eventually, startSmtpServer, TestClock } from "@cadenza/testkit";
import { expect, test } from "vitest";
import { startWorld } from "./testing/world.ts";

type World = Awaited<ReturnType<typeof startWorld>>;
const HOUR_MS = 3_600_000;

/** What the engine was told of a message's step, in order: outcome, why held, until when. */
const toldOf = async (world: World, message: MessageDocument) =>
  (await world.stepResults())
    .filter(({ runId }) => runId === message.runId)
    .map(({ outcome, reason, heldUntil }) => [outcome, reason?.code ?? null, heldUntil ?? null]);
const newestOf = async (world: World, message: MessageDocument) => (await toldOf(world, message)).at(-1) ?? null;
const after = (clock: TestClock, ms: number) => new Date(clock.now().getTime() + ms).toISOString();
const pause = async (world: World, accountId: string, status: "PAUSED" | "CONNECTED") =>
  world.accounts.updateOne({ _id: accountId }, { $set: { status }, $inc: { version: 1 } });

test("RUN-2: a step is told once that a limit holds its message, and until when", async () => {
  const clock = new TestClock();
  await using smtp = await startSmtpServer();
  await using world = await startWorld(clock);
  await world.dispatcher();
  const account = await world.account(smtp, { limits: { perHour: 1 } });
  const [first, second, third] = await world.queue(account, 3);
  const manual = (await world.queue(account, 1, { step: null }))[0]!;
  await eventually(async () => {
    expect(await toldOf(world, second!)).toEqual([["WAITING", "SENDING_LIMIT", after(clock, HOUR_MS + 1)]]);
    expect(await toldOf(world, third!)).toEqual([["WAITING", "SENDING_LIMIT", after(clock, 2 * HOUR_MS + 2)]]);
    expect((await world.message(manual)).reason?.code).toBe("SENDING_LIMIT");
  });
  expect([await toldOf(world, first!), await toldOf(world, manual)]).toEqual([[["DONE", null, null]], []]);

  clock.advance(HOUR_MS + 1);
  await eventually(async () => {
    expect((await toldOf(world, second!)).at(-1)).toEqual(["DONE", null, null]);
  });
  expect(await toldOf(world, second!), "let go, only its end is told").toHaveLength(2);
});

test("SCH-7: a step is told that its message missed its window, and whether the date is blacked out", async () => {
  const mornings: Schedule = {
    zoneMode: "WORKFLOW",
    timeZone: "Europe/Berlin",
    ranges: [{ weekday: "TUESDAY", start: "09:00", end: "12:00" }],
    blackoutDates: [],
  };
  await using smtp = await startSmtpServer();
  await using world = await startWorld(new TestClock("2026-01-05T09:00:00Z"));
  await world.dispatcher();
  const account = await world.account(smtp);
  const [closed] = await world.queue(account, 1, { schedule: mornings });
  const [blackout] = await world.queue(account, 1, { schedule: { ...mornings, blackoutDates: ["2026-01-05"] } });
  const [never] = await world.queue(account, 1, { schedule: { ...mornings, ranges: [] } });
  await eventually(async () => {
    expect(await toldOf(world, closed!)).toEqual([["WAITING", "OUTSIDE_WINDOW", "2026-01-06T08:00:00.000Z"]]);
    expect(await toldOf(world, blackout!)).toEqual([["WAITING", "BLACKOUT", "2026-01-06T08:00:00.000Z"]]);
    expect(await toldOf(world, never!)).toEqual([["WAITING", "NO_WINDOW", null]]);
  });
});

test("RUN-2: all steps of a paused account are told, page by page, and that it sends again", async () => {
  const clock = new TestClock();
  await using smtp = await startSmtpServer();
  await using world = await startWorld(clock);
  const account = await world.account(smtp, { limits: { perHour: 10 } });
  await pause(world, account._id, "PAUSED");
  const queued = await world.queue(account, 450);
  await world.dispatcher();
  await eventually(async () => {
    const told = await world.stepResults();
    expect(new Set(told.map(({ runId }) => runId)).size).toBe(queued.length);
    expect(told.every(({ reason, heldUntil }) => reason?.code === "ACCOUNT_PAUSED" && heldUntil === null)).toBe(true);
  });
  world.wake(account);
  const [late] = await world.queue(account, 1);
  await eventually(async () => expect(await toldOf(world, late!)).toHaveLength(1));
  expect(await world.stepResults(), "nobody is told twice").toHaveLength(queued.length + 1);

  await pause(world, account._id, "CONNECTED");
  world.wake(account);
  await eventually(async () => {
    expect(await world.countOf("SENT")).toBe(10);
    expect(await newestOf(world, queued[0]!)).toEqual(["DONE", null, null]);
    // The rest is held by the limit now, as its runs know.
    expect(await newestOf(world, queued.at(-1)!)).toEqual(["WAITING", "SENDING_LIMIT", expect.any(String)]);
    expect(await world.messages.countDocuments({ "reason.code": "ACCOUNT_PAUSED" })).toBe(0);
  });
});

test("RUN-2: an account resumed while no dispatcher was there leaves no step behind as held", async () => {
  await using smtp = await startSmtpServer();
  await using world = await startWorld(new TestClock());
  const account = await world.account(smtp);
  const [message] = await world.queue(account, 1);
  const reason = { code: "ACCOUNT_PAUSED", message: "Paused." };
  const toldHold = { code: "ACCOUNT_PAUSED", until: null };
  const nextAttemptAt = new Date(world.clock.now().getTime() + HOUR_MS);
  await world.messages.updateOne(
    { _id: message!._id },
    { $set: { reason, toldHold, nextAttemptAt, notBefore: nextAttemptAt } },
  );
  await world.dispatcher();
  await eventually(async () => expect(await toldOf(world, message!)).toEqual([["WAITING", null, null]]));
  expect(await world.message(message!)).toMatchObject({ status: "QUEUED", reason: null, notBefore: nextAttemptAt });
});

test("RUN-2: a message that was let go and not taken is held no more by what held it", async () => {
  const clock = new TestClock();
  await using smtp = await startSmtpServer();
  await using world = await startWorld(clock);
  await world.dispatcher();
  const account = await world.account(smtp, { limits: { perHour: 1 } });
  const [, message] = await world.queue(account, 2);
  await eventually(async () =>
    expect(await newestOf(world, message!)).toEqual(["WAITING", "SENDING_LIMIT", expect.any(String)]),
  );
  smtp.behave({ refuseData: 451, text: "4.7.1 come back later" });
  clock.advance(HOUR_MS + 1);
  await eventually(async () => expect(await newestOf(world, message!)).toEqual(["WAITING", null, null]));
  expect((await world.message(message!)).reason?.code).toBe("PROVIDER_DEFERRED");
});

test("GOAL-5: a message withdrawn while it was on its way is not tried again", async () => {
  const clock = new TestClock();
  await using smtp = await startSmtpServer();
  await using world = await startWorld(clock);
  const account = await world.account(smtp);
  const [message] = await world.queue(account, 1, { notBefore: new Date(clock.now().getTime() + HOUR_MS) });
  const reason = { code: "EMAIL_REPLY", message: "The contact replied by email." };
  await world.messages.updateOne({ _id: message!._id }, { $set: { withdrawn: reason } });
  clock.advance(HOUR_MS);
  await world.dispatcher();
  await eventually(async () => expect(await toldOf(world, message!)).toEqual([["CANCELED", "EMAIL_REPLY", null]]));
  expect([(await world.message(message!)).status, smtp.messages]).toEqual(["CANCELED", []]);
});
