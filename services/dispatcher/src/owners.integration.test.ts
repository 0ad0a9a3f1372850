import { realClock } from "@cadenza/platform";
import { eventually, startFaultProxy, startSmtpServer, TestClock } from "@cadenza/testkit";
import { expect, test } from "vitest";
import { startWorld } from "./testing/world.ts";

const HOUR_MS = 3_600_000;

test("SND-1: two dispatchers together use a limit to the last message, and never more", async () => {
  const clock = new TestClock();
  await using smtp = await startSmtpServer();
  await using world = await startWorld(clock);
  await world.dispatcher();
  await world.dispatcher();
  const accounts = await Promise.all([30, 7, 1].map((perHour) => world.account(smtp, { limits: { perHour } })));
  for (const account of accounts) await world.queue(account, 60);

  await eventually(() => expect(smtp.messages).toHaveLength(38));
  clock.advance(HOUR_MS);
  // The place of the first one is free a millisecond after its hour.
  clock.advance(1);
  await eventually(() => expect(smtp.messages).toHaveLength(76));
  const perAccount = accounts.map(({ address }) => smtp.messages.filter(({ from }) => from === address).length);
  expect(perAccount).toEqual([60, 14, 2]);
});

test("SND-1: what the last owner sent counts for the next", async () => {
  const clock = new TestClock();
  await using smtp = await startSmtpServer();
  await using world = await startWorld(clock);
  const first = await world.dispatcher();
  const account = await world.account(smtp, { limits: { per24Hours: 5 } });
  await world.queue(account, 3);
  await eventually(async () => expect(await world.countOf("SENT")).toBe(3));
  await first.dispatcher.drain(1000);

  await world.dispatcher();
  await world.queue(account, 5);
  await eventually(async () => expect(await world.countOf("SENT")).toBe(5));
  clock.advance(23 * HOUR_MS);
  const other = await world.account(smtp);
  await world.queue(other, 1);
  await eventually(async () => expect(await world.countOf("SENT")).toBe(6));
  expect(smtp.messages.filter(({ from }) => from === account.address)).toHaveLength(5);
});

test("SND-1: messages of an account keep their distance", async () => {
  const clock = new TestClock();
  await using smtp = await startSmtpServer();
  await using world = await startWorld(clock);
  await world.dispatcher();
  await world.queue(await world.account(smtp, { limits: { minimumGapSeconds: 30 } }), 3);
  await eventually(async () => expect(await world.countOf("SENT")).toBe(1));
  clock.advance(30_001);
  await eventually(async () => expect(await world.countOf("SENT")).toBe(2));
});

test("SND-4: one message is not delayed by another organization's backlog", async () => {
  await using smtp = await startSmtpServer();
  await using proxy = await startFaultProxy({ target: `127.0.0.1:${smtp.port}` });
  proxy.latency(20);
  await using world = await startWorld();
  await world.dispatcher({ perProcess: 4 });
  await world.queue(await world.account(proxy), 300);
  await eventually(() => expect(smtp.messages.length).toBeGreaterThan(4));
  const [small] = await world.queue(await world.account(proxy), 1);
  await eventually(async () => expect((await world.message(small!)).status).toBe("SENT"));
  expect(smtp.messages.length).toBeLessThan(150);
});

test("REL-1: what a killed dispatcher was sending becomes UNKNOWN_OUTCOME, what it had queued goes out, nothing twice", async () => {
  await using smtp = await startSmtpServer({ behaviour: "hang" });
  await using world = await startWorld(realClock);
  const leases = { leaseMs: 1000, renewMs: 200, unknownAfterMs: 1500 };
  const first = await world.dispatcher({ ...leases, perAccount: 2 });
  const queued = await world.queue(await world.account(smtp), 6);
  await eventually(() => expect(smtp.messages).toHaveLength(2));
  first.dispatcher.abandon();

  smtp.behave("accept");
  await world.dispatcher(leases);
  await eventually(async () => expect(await world.countOf("SENT")).toBe(4));
  await eventually(async () => expect(await world.countOf("UNKNOWN_OUTCOME")).toBe(2));
  const arrived = smtp.messages.map(({ messageId }) => messageId);
  expect(arrived.toSorted()).toEqual(queued.map(({ messageIdHeader }) => messageIdHeader).toSorted());
});

test("REL-2: a dispatcher whose lease ran out does not begin to send, and hands the message back", async () => {
  await using smtp = await startSmtpServer();
  await using proxy = await startFaultProxy({ target: `127.0.0.1:${smtp.port}` });
  proxy.set("stall");
  await using world = await startWorld(realClock);
  // Longer than a renewal that is under way can take, so that none makes the lease good again.
  const first = await world.dispatcher({ leaseMs: 3000, renewMs: 500 });
  const [message] = await world.queue(await world.account(proxy));
  await eventually(async () => expect((await world.message(message!)).status).toBe("SENDING"));
  // As a stopped process: its leases run out, its connection is still there.
  first.leases.abandon();
  await eventually(() => expect(first.leases.remainingMs()).toBe(0));
  proxy.set("pass");
  await eventually(async () => expect(await world.message(message!)).toMatchObject({ status: "QUEUED", attempts: 0 }));
  expect(smtp.messages).toEqual([]);

  await world.dispatcher();
  await eventually(async () => expect((await world.message(message!)).status).toBe("SENT"));
  expect(smtp.messages).toHaveLength(1);
});

test("REL-5: draining finishes what is under way and gives the shards back", async () => {
  await using smtp = await startSmtpServer();
  await using proxy = await startFaultProxy({ target: `127.0.0.1:${smtp.port}` });
  proxy.latency(30);
  await using world = await startWorld();
  const { dispatcher, leases } = await world.dispatcher({ perAccount: 3 });
  await world.queue(await world.account(proxy), 50);
  await eventually(() => expect(smtp.messages.length).toBeGreaterThan(2));
  await dispatcher.drain(5000);

  const sent = await world.countOf("SENT");
  expect(sent).toBe(smtp.messages.length);
  expect({ sending: await world.countOf("SENDING"), queued: await world.countOf("QUEUED") }).toEqual({
    sending: 0,
    queued: 50 - sent,
  });
  expect(leases.owned().size).toBe(0);
});

test("REL-4: an outcome that cannot be committed while MongoDB is away is committed when it is back", async () => {
  await using smtp = await startSmtpServer();
  await using slow = await startFaultProxy({ target: `127.0.0.1:${smtp.port}` });
  slow.latency(150);
  await using world = await startWorld(realClock);
  const { host } = new URL(world.mongoUrl);
  await using mongo = await startFaultProxy({ target: host });
  const { dispatcher } = await world.dispatcher({
    mongoUrl: `mongodb://127.0.0.1:${mongo.port}/?directConnection=true`,
  });
  const [message] = await world.queue(await world.account(slow));
  // Cut off any sooner, it would not know whether the message is its own to send.
  await eventually(() => expect(slow.connections).toBe(1));
  mongo.set("cut");
  await eventually(() => expect(smtp.messages).toHaveLength(1));
  expect(dispatcher.inFlight).toBe(1);
  mongo.set("pass");
  await eventually(async () => expect((await world.message(message!)).status).toBe("SENT"), { timeoutMs: 20_000 });
  expect(await world.stepResults()).toMatchObject([{ outcome: "DONE" }]);
  expect(smtp.messages).toHaveLength(1);
});
