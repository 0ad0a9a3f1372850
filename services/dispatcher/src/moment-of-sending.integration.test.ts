import type { Schedule } from "@cadenza/contracts";
import { eventually, startFaultProxy, startSmtpServer, TestClock } from "@cadenza/testkit";
import { SMTPServer } from "smtp-server";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { startWorld } from "./testing/world.ts";

const mornings: Schedule = {
  zoneMode: "WORKFLOW",
  timeZone: "Europe/Berlin",
  ranges: [{ weekday: "TUESDAY", start: "09:00", end: "12:00" }],
  blackoutDates: [],
};

test("SCH-7: outside its window a message is held, however long it was queued", async () => {
  const clock = new TestClock("2026-01-05T09:00:00Z");
  await using smtp = await startSmtpServer();
  await using world = await startWorld(clock);
  await world.dispatcher();
  const [message] = await world.queue(await world.account(smtp), 1, { schedule: mornings, zone: "America/New_York" });
  await eventually(async () =>
    expect(await world.message(message!)).toMatchObject({ reason: { code: "OUTSIDE_WINDOW" } }),
  );
  expect(await world.message(message!)).toMatchObject({
    status: "QUEUED",
    notBefore: new Date("2026-01-06T14:00:00Z"),
  });

  clock.set("2026-01-06T14:00:00Z");
  await eventually(async () => expect((await world.message(message!)).status).toBe("SENT"));
});

test("SCH-7: what a limit delays past its window waits for the next", async () => {
  const clock = new TestClock("2026-01-06T10:59:30Z");
  await using smtp = await startSmtpServer();
  await using world = await startWorld(clock);
  await world.dispatcher();
  const account = await world.account(smtp, { limits: { minimumGapSeconds: 60 } });
  const [first, second] = await world.queue(account, 2, { schedule: mornings, zone: "Europe/Berlin" });
  await eventually(async () => expect((await world.message(first!)).status).toBe("SENT"));
  clock.advance(61_000);
  await eventually(async () =>
    expect((await world.message(second!)).notBefore).toEqual(new Date("2026-01-13T08:00:00Z")),
  );
  expect(smtp.messages).toHaveLength(1);
});

test("EML-7: an address that unsubscribes while its message is queued gets nothing", async () => {
  const clock = new TestClock();
  await using smtp = await startSmtpServer();
  await using world = await startWorld(clock);
  await world.dispatcher();
  const notBefore = new Date(clock.now().getTime() + 60_000);
  const [message] = await world.queue(await world.account(smtp), 1, { notBefore });
  await world.suppress(message!);
  clock.advance(60_000);
  await eventually(async () =>
    expect(await world.message(message!)).toMatchObject({ status: "CANCELED", reason: { code: "UNSUBSCRIBED" } }),
  );
  expect(await world.stepResults()).toMatchObject([{ outcome: "SKIPPED", reason: { code: "UNSUBSCRIBED" } }]);
  expect(smtp.messages).toEqual([]);
});

test("RUN-4: a message is canceled or sent, never both", async () => {
  await using smtp = await startSmtpServer();
  await using world = await startWorld();
  await world.dispatcher();
  const queued = await world.queue(await world.account(smtp), 100);
  // As communications withdraws: a versioned write on what is still queued.
  await Promise.all(
    queued.map(({ _id, version }) =>
      world.messages.updateOne(
        { _id, version, status: "QUEUED" },
        { $set: { status: "CANCELED" }, $inc: { version: 1 } },
      ),
    ),
  );
  await eventually(async () => expect((await world.countOf("SENT")) + (await world.countOf("CANCELED"))).toBe(100));
  const sent = await world.messages.find({ status: "SENT" }).toArray();
  expect(smtp.messages.map(({ messageId }) => messageId).toSorted()).toEqual(
    sent.map(({ messageIdHeader }) => messageIdHeader).toSorted(),
  );
});

test("SND-1: a paused account sends nothing until a person resumes it", async () => {
  await using smtp = await startSmtpServer();
  await using world = await startWorld();
  await world.dispatcher();
  const account = await world.account(smtp);
  await world.accounts.updateOne({ _id: account._id }, { $set: { status: "PAUSED" }, $inc: { version: 1 } });
  const [message] = await world.queue(account);
  const [other] = await world.queue(await world.account(smtp));
  await eventually(async () => expect((await world.message(other!)).status).toBe("SENT"));
  await eventually(async () =>
    expect(await world.message(message!)).toMatchObject({ status: "QUEUED", reason: { code: "ACCOUNT_PAUSED" } }),
  );

  await world.accounts.updateOne({ _id: account._id }, { $set: { status: "CONNECTED" }, $inc: { version: 1 } });
  world.wake(account);
  await eventually(async () => expect((await world.message(message!)).status).toBe("SENT"));
});

test("EML-2: a message of an account that was disconnected stops its run", async () => {
  await using smtp = await startSmtpServer();
  await using world = await startWorld();
  await world.dispatcher();
  const account = await world.account(smtp);
  await world.accounts.updateOne({ _id: account._id }, { $set: { status: "DISCONNECTED" }, $inc: { version: 1 } });
  const [message] = await world.queue(account);
  await eventually(async () =>
    expect(await world.message(message!)).toMatchObject({ status: "FAILED", reason: { code: "NO_EMAIL_ACCOUNT" } }),
  );
});

test("SND-3: refused sign-ins pause the account with a reason, and its messages wait", async () => {
  const clock = new TestClock();
  const server = new SMTPServer({
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, callback) =>
      callback(Object.assign(new Error("5.7.8 bad password"), { responseCode: 535 })),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await using world = await startWorld(clock);
  await world.dispatcher();
  const account = await world.account({ port: (server.server.address() as AddressInfo).port });
  await world.accounts.updateOne(
    { _id: account._id },
    { $set: { "smtp.username": "ada", "smtp.secret": world.seal("wrong", account) } },
  );
  await world.queue(account, 5);
  await eventually(async () =>
    expect(await world.accounts.findOne({ _id: account._id })).toMatchObject({
      status: "PAUSED",
      statusReason: { code: "SIGN_IN_REFUSED" },
    }),
  );
  await eventually(async () => expect(await world.countOf("QUEUED")).toBe(5));
  expect((await world.stepResults()).filter(({ outcome }) => outcome !== "WAITING")).toEqual([]);
  await new Promise<void>((resolve) => server.close(resolve));
});

test("SND-2: an idle connection that the server has closed is no attempt", async () => {
  await using smtp = await startSmtpServer();
  await using proxy = await startFaultProxy({ target: `127.0.0.1:${smtp.port}` });
  await using world = await startWorld();
  await world.dispatcher();
  const account = await world.account(proxy);
  const [first] = await world.queue(account);
  await eventually(async () => expect((await world.message(first!)).status).toBe("SENT"));
  proxy.set("cut");
  proxy.set("pass");
  const [second] = await world.queue(account);
  await eventually(async () => expect(await world.message(second!)).toMatchObject({ status: "SENT", attempts: 1 }));
});

test("SND-1: what a limit holds says so and until when, and goes out at once when the limit is raised", async () => {
  const clock = new TestClock();
  await using smtp = await startSmtpServer();
  await using world = await startWorld(clock);
  await world.dispatcher();
  const account = await world.account(smtp, { limits: { perHour: 2 } });
  await world.queue(account, 5);
  const hour = 3_600_001;
  const expected = [hour, hour, 2 * hour].map((ms) => new Date(clock.now().getTime() + ms));
  await eventually(async () => {
    const held = await world.messages.find({ "reason.code": "SENDING_LIMIT" }, { sort: { _id: 1 } }).toArray();
    expect(held.map(({ notBefore }) => notBefore)).toEqual(expected);
  });

  await world.accounts.updateOne({ _id: account._id }, { $set: { "limits.perHour": 4 }, $inc: { version: 1 } });
  world.wake(account);
  await eventually(async () => expect(await world.countOf("SENT")).toBe(4));
  expect(smtp.messages).toHaveLength(4);
});
