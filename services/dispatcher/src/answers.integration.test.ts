import { eventually, startSmtpServer, TestClock } from "@cadenza/testkit";
import { expect, test } from "vitest";
import { startWorld } from "./testing/world.ts";

test("EML-4: an accepted message is SENT, and its step is done", async () => {
  await using smtp = await startSmtpServer();
  await using world = await startWorld();
  await world.dispatcher();
  const [message] = await world.queue(await world.account(smtp));
  await eventually(async () => expect((await world.message(message!)).status).toBe("SENT"));

  expect(smtp.messages).toMatchObject([
    { from: message!.from, to: [message!.to], messageId: message!.messageIdHeader },
  ]);
  expect(await world.message(message!)).toMatchObject({
    attempts: 1,
    reason: null,
    sentAt: world.clock.now(),
    version: 3,
  });
  expect(await world.stepResults()).toMatchObject([{ ...message!.step, outcome: "DONE", messageId: message!._id }]);
});

test("SND-2: the stored bytes are what is sent", async () => {
  await using smtp = await startSmtpServer();
  await using world = await startWorld();
  await world.dispatcher();
  const [message] = await world.queue(await world.account(smtp));
  await eventually(() => expect(smtp.messages).toHaveLength(1));
  expect(smtp.messages[0]!.raw).toBe(Buffer.from(message!.raw.buffer).toString());
});

test("EML-4: a message that a person sent tells no run", async () => {
  await using smtp = await startSmtpServer();
  await using world = await startWorld();
  await world.dispatcher();
  const [message] = await world.queue(await world.account(smtp), 1, { step: null });
  await eventually(async () => expect((await world.message(message!)).status).toBe("SENT"));
  expect(await world.stepResults()).toEqual([]);
});

test("EML-8: an unknown mailbox ends the message BOUNCED, marks the address, and skips the step", async () => {
  await using smtp = await startSmtpServer({ behaviour: { refuseRecipient: 550, text: "5.1.1 no such mailbox" } });
  await using world = await startWorld();
  await world.dispatcher();
  const account = await world.account(smtp);
  const [message] = await world.queue(account);
  await eventually(async () => expect((await world.message(message!)).status).toBe("BOUNCED"));

  expect(await world.suppressions.findOne({})).toMatchObject({ address: message!.to, reason: { code: "BOUNCED" } });
  expect(await world.stepResults()).toMatchObject([{ outcome: "SKIPPED", reason: { code: "BOUNCED" } }]);

  const [next] = await world.queue(account, 1, { to: message!.to.toUpperCase() });
  await eventually(async () => expect((await world.message(next!)).status).toBe("CANCELED"));
  expect(smtp.messages).toEqual([]);
});

test("EML-8: any other refusal for good ends it FAILED, with the server's words, and stops the run", async () => {
  await using smtp = await startSmtpServer({ behaviour: { refuseData: 554, text: "5.6.0 no such content" } });
  await using world = await startWorld();
  await world.dispatcher();
  const [message] = await world.queue(await world.account(smtp));
  await eventually(async () => expect((await world.message(message!)).status).toBe("FAILED"));

  expect((await world.message(message!)).reason).toMatchObject({
    code: "PROVIDER_REFUSED",
    message: expect.stringContaining("no such content"),
  });
  expect(await world.stepResults()).toMatchObject([{ outcome: "ERROR", reason: { code: "PROVIDER_REFUSED" } }]);
  expect(await world.suppressions.countDocuments()).toBe(0);
});

test("SND-3: a refusal for now is tried again after a while", async () => {
  const clock = new TestClock();
  await using smtp = await startSmtpServer({ behaviour: { refuseRecipient: 450, text: "4.2.0 greylisted" } });
  await using world = await startWorld(clock);
  await world.dispatcher();
  const [message] = await world.queue(await world.account(smtp));
  await eventually(async () => expect(await world.message(message!)).toMatchObject({ status: "QUEUED", attempts: 1 }));
  const { nextAttemptAt } = await world.message(message!);
  expect(nextAttemptAt!.getTime()).toBeGreaterThan(clock.now().getTime());

  smtp.behave("accept");
  clock.set(nextAttemptAt!);
  await eventually(async () => expect(await world.message(message!)).toMatchObject({ status: "SENT", attempts: 2 }));
  expect(smtp.messages).toHaveLength(1);
});

test("SND-3: a server that cannot be reached costs a wait, and after a day the message", async () => {
  const clock = new TestClock();
  const smtp = await startSmtpServer();
  await smtp.close();
  await using world = await startWorld(clock);
  await world.dispatcher();
  const [message] = await world.queue(await world.account(smtp));
  await eventually(async () =>
    expect(await world.message(message!)).toMatchObject({ status: "QUEUED", reason: { code: "PROVIDER_DEFERRED" } }),
  );
  clock.advance(25 * 3_600_000);
  await eventually(async () =>
    expect(await world.message(message!)).toMatchObject({ status: "FAILED", reason: { code: "PROVIDER_UNAVAILABLE" } }),
  );
});

test.each(["drop", "hang"] as const)(
  "SND-3: after DATA, %s leaves the outcome unknown, and nothing is sent again",
  async (behaviour) => {
    const clock = new TestClock();
    await using smtp = await startSmtpServer({ behaviour });
    await using world = await startWorld(clock);
    const { dispatcher } = await world.dispatcher({ timeouts: { answerMs: 300 } });
    const [message] = await world.queue(await world.account(smtp));
    await eventually(() => expect(smtp.messages).toHaveLength(1));
    await eventually(() => expect(dispatcher.inFlight).toBe(0));
    expect((await world.message(message!)).status).toBe("SENDING");

    smtp.behave("accept");
    clock.advance(60_000);
    await eventually(async () => expect((await world.message(message!)).status).toBe("UNKNOWN_OUTCOME"));
    expect(await world.stepResults()).toMatchObject([{ outcome: "ERROR", reason: { code: "UNKNOWN_OUTCOME" } }]);
    clock.advance(24 * 3_600_000);
    const [later] = await world.queue(await world.account(smtp));
    await eventually(async () => expect((await world.message(later!)).status).toBe("SENT"));
    expect(smtp.messages.filter(({ messageId }) => messageId === message!.messageIdHeader)).toHaveLength(1);
  },
);
