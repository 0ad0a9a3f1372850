import type { Schedule } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { simpleParser } from "mailparser";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  world.results.length = 0;
  world.crm.organization.visibleUnsubscribeLink = false;
});

type Command = Parameters<World["command"]>[0];

async function outcomeOf(values: Partial<Command> & Pick<Command, "contactId" | "creatorOrEnrollingUserId">) {
  const templateId = values.templateId ?? (await world.template()).id;
  const command = world.command({ ...values, templateId });
  await world.tell(command);
  await eventually(() => expect(world.resultsOf(command)).toHaveLength(1));
  const result = world.resultsOf(command)[0]!;
  const message = (await world.messages()).find(({ step }) => step?.key === command.key);
  return { command, result, message, code: result.reason?.code ?? null };
}

it("EML-1: the template is rendered for the recipient and queued with its bytes", async () => {
  const { user, account } = await world.sender({ displayName: "Sam of Demo" });
  const contact = world.crm.contact({ name: "Grace <i>Hopper</i>" });
  const { id: templateId } = await world.template({
    subject: "Hi {{ contact.firstName }} from {{ lead.custom['Region'] }}",
    body: "<p>Dear {{ contact.name }}</p><p>Yours, {{ sender.firstName }}</p>",
  });
  const { result, message } = await outcomeOf({ contactId: contact.id, creatorOrEnrollingUserId: user.id, templateId });
  expect(result).toMatchObject({ outcome: "WAITING", messageId: message?._id, reason: null });
  expect(message).toMatchObject({
    status: "QUEUED",
    accountId: account.id,
    to: contact.emails[0],
    subject: "Hi Grace from North",
    senderId: user.id,
  });
  const mail = await simpleParser(Buffer.from(message!.raw.buffer));
  expect(mail.subject).toBe("Hi Grace from North");
  expect(mail.html).toContain("Dear Grace &lt;i&gt;Hopper&lt;/i&gt;");
  expect(mail.text).toContain("Dear Grace <i>Hopper</i>\n");
  expect(mail.from?.value).toEqual([{ name: "Sam of Demo", address: message!.envelope.from }]);
  expect(world.wakes.at(-1)).toBe(String(message!.shard));
});

it("EML-1: a missing variable without a fallback is an error that names it", async () => {
  const { user } = await world.sender();
  const contact = world.crm.contact({ title: null });
  const { id: templateId } = await world.template({ body: "As {{ contact.title }}, …" });
  const { result, message } = await outcomeOf({ contactId: contact.id, creatorOrEnrollingUserId: user.id, templateId });
  expect(result).toMatchObject({
    outcome: "ERROR",
    messageId: null,
    reason: { code: "TEMPLATE_VARIABLE_MISSING", message: expect.stringContaining("contact.title") },
  });
  expect(message).toBeUndefined();
});

it("EML-1: a template that is gone or not shared is an error", async () => {
  const { user } = await world.sender();
  const base = { contactId: world.crm.contact().id, creatorOrEnrollingUserId: user.id };
  expect(await outcomeOf({ ...base, templateId: newId(world.clock.now()) })).toMatchObject({
    code: "TEMPLATE_NOT_FOUND",
  });
  const { id } = await world.template({ shared: false });
  expect(await outcomeOf({ ...base, templateId: id })).toMatchObject({ code: "TEMPLATE_NOT_FOUND" });
});

it("EML-2: a sender who cannot send is an error that says why", async () => {
  const contactId = world.crm.contact().id;
  const deactivated = world.crm.user({ status: "DEACTIVATED" });
  const without = world.crm.user();
  expect(await outcomeOf({ contactId, creatorOrEnrollingUserId: newId(world.clock.now()) })).toMatchObject({
    code: "SENDER_UNRESOLVED",
    result: { outcome: "ERROR" },
  });
  expect(await outcomeOf({ contactId, creatorOrEnrollingUserId: deactivated.id })).toMatchObject({
    code: "USER_DEACTIVATED",
    result: { outcome: "ERROR" },
  });
  expect(await outcomeOf({ contactId, creatorOrEnrollingUserId: without.id })).toMatchObject({
    code: "NO_EMAIL_ACCOUNT",
    result: { outcome: "ERROR" },
  });
});

it("EML-2: another user's account needs leave to send as", async () => {
  const owner = await world.sender();
  const sender = world.crm.user();
  const values = {
    contactId: world.crm.contact().id,
    creatorOrEnrollingUserId: sender.id,
    chosenAccountIds: [owner.account.id],
  };
  expect(await outcomeOf(values)).toMatchObject({ code: "SEND_AS_DISABLED", result: { outcome: "ERROR" } });
  await world.ask(
    "mutation ($id: ID!, $input: UpdateEmailAccountInput!) { updateEmailAccount(id: $id, input: $input) { userErrors { code } } }",
    {
      id: owner.account.id,
      input: { sendAsUserIds: [sender.id] },
    },
  );
  const allowed = await outcomeOf(values);
  expect(allowed.message).toMatchObject({ accountId: owner.account.id, senderId: sender.id });
});

it("EML-3: the chosen account is used, else the default, else the one with the most limit left", async () => {
  const { user, account: first } = await world.sender({ limits: { perHour: 1 } });
  const second = await world.connect(user.id, { limits: { perHour: 100 } });
  const base = { contactId: world.crm.contact().id, creatorOrEnrollingUserId: user.id };
  expect((await outcomeOf({ ...base, chosenAccountIds: [first.id] })).message?.accountId).toBe(first.id);
  expect((await outcomeOf(base)).message?.accountId).toBe(second.id);
  await world.ask(
    "mutation ($id: ID!) { updateEmailAccount(id: $id, input: { default: true }) { userErrors { code } } }",
    { id: first.id },
  );
  expect((await outcomeOf(base)).message?.accountId).toBe(first.id);
});

it("ENR-5: a chosen number is nothing to an email, which goes by the chosen account, or by none of another's", async () => {
  const { user, account: own } = await world.sender();
  const chosen = await world.connect(user.id);
  const other = await world.sender();
  const base = { contactId: world.crm.contact().id, creatorOrEnrollingUserId: user.id };
  await world.ask(
    "mutation ($id: ID!) { updateEmailAccount(id: $id, input: { default: true }) { userErrors { code } } }",
    { id: own.id },
  );
  const number = newId(world.clock.now());
  expect((await outcomeOf({ ...base, chosenAccountIds: [number] })).message?.accountId).toBe(own.id);
  expect((await outcomeOf({ ...base, chosenAccountIds: [number, chosen.id] })).message?.accountId).toBe(chosen.id);
  expect(await outcomeOf({ ...base, chosenAccountIds: [number, other.account.id] })).toMatchObject({
    code: "SEND_AS_DISABLED",
  });
});

it("EML-6: the first address that nothing stands against is written to; none left skips the step", async () => {
  const { user } = await world.sender();
  const creatorOrEnrollingUserId = user.id;
  const emails = ["first@six.test", "Second@Six.test"];
  const contactId = world.crm.contact({ emails }).id;
  const suppress = (address: string) =>
    world.ask(
      "mutation ($address: String!) { suppress(channel: EMAIL, address: $address) { suppression { id } userErrors { code } } }",
      { address },
    );
  await suppress("FIRST@six.test");
  expect((await outcomeOf({ contactId, creatorOrEnrollingUserId })).message?.to).toBe("Second@Six.test");
  await suppress("second@six.test");
  expect(await outcomeOf({ contactId, creatorOrEnrollingUserId })).toMatchObject({
    code: "UNSUBSCRIBED",
    result: { outcome: "SKIPPED" },
  });
  const nowhere = world.crm.contact({ emails: [] });
  expect(await outcomeOf({ contactId: nowhere.id, creatorOrEnrollingUserId })).toMatchObject({
    code: "NO_EMAIL_ADDRESS",
    result: { outcome: "SKIPPED" },
  });
});

it("SND-2: a command that comes twice makes one message, with one Message-ID", async () => {
  const { user } = await world.sender();
  const { id: templateId } = await world.template();
  const command = world.command({ contactId: world.crm.contact().id, creatorOrEnrollingUserId: user.id, templateId });
  await world.tell(command);
  await world.tell(command, command);
  await eventually(() => expect(world.resultsOf(command)).toHaveLength(2));
  const made = (await world.messages()).filter(({ step }) => step?.key === command.key);
  expect(made).toHaveLength(1);
  const mail = await simpleParser(Buffer.from(made[0]!.raw.buffer));
  expect(mail.messageId).toBe(made[0]!.messageIdHeader);
  expect(new Set(world.resultsOf(command).map(({ messageId }) => messageId)).size).toBe(1);
});

it("SND-2: a batch costs one call of crm, and one bad template does not hold up the others", async () => {
  const { user } = await world.sender({ limits: { perHour: null } });
  const good = await world.template();
  const bad = await world.template({ body: "{{ contact.title }}" });
  const commands = Array.from({ length: 60 }, (_, index) =>
    world.command({
      contactId: world.crm.contact().id,
      creatorOrEnrollingUserId: user.id,
      templateId: index % 10 === 0 ? bad.id : good.id,
    }),
  );
  const before = world.crm.calls;
  await world.tell(...commands);
  await eventually(() => expect(commands.flatMap((command) => world.resultsOf(command))).toHaveLength(60));
  expect(world.crm.calls - before).toBe(1);
  expect(commands.filter((command) => world.resultsOf(command)[0]!.outcome === "ERROR")).toHaveLength(6);
});

it("SCH-7: the schedule and the recipient's zone travel with the message", async () => {
  const { user } = await world.sender();
  const schedule: Schedule = {
    zoneMode: "RECIPIENT",
    timeZone: "Europe/Berlin",
    ranges: [{ weekday: "MONDAY", start: "09:00", end: "17:00" }],
    blackoutDates: [],
  };
  const contact = world.crm.contact({ timeZone: "Asia/Tokyo" });
  const { message } = await outcomeOf({ contactId: contact.id, creatorOrEnrollingUserId: user.id, schedule });
  expect(message).toMatchObject({ schedule, zone: "Asia/Tokyo" });
});

it("REL-9: line breaks in names and values reach no header", async () => {
  const { user } = await world.sender();
  user.name = "Sam\r\nBcc: everyone@example.com";
  const contact = world.crm.contact({ name: "Ada\r\nX-Evil: 1 Lovelace" });
  const { id: templateId } = await world.template({ subject: "Hi {{ contact.name }}" });
  const { message } = await outcomeOf({ contactId: contact.id, creatorOrEnrollingUserId: user.id, templateId });
  const mail = await simpleParser(Buffer.from(message!.raw.buffer));
  expect(mail.headers.has("bcc")).toBe(false);
  expect(mail.headers.has("x-evil")).toBe(false);
  expect(mail.subject).toBe("Hi Ada X-Evil: 1 Lovelace");
});

it("EDIT-4: a queued message is withdrawn; one that left is not; a command after its withdrawal does nothing", async () => {
  const { user } = await world.sender();
  const base = { contactId: world.crm.contact().id, creatorOrEnrollingUserId: user.id };
  const queued = await outcomeOf(base);
  await world.withdraw(queued.command);
  await eventually(() =>
    expect(world.resultsOf(queued.command).at(-1)).toMatchObject({
      outcome: "CANCELED",
      reason: { code: "STEP_REMOVED" },
    }),
  );
  expect((await world.messages()).find(({ _id }) => _id === queued.message!._id)?.status).toBe("CANCELED");

  const sent = await outcomeOf(base);
  await world.setStatus(sent.message!._id, { status: "SENT", sentAt: world.clock.now() });
  await world.withdraw(sent.command);
  await eventually(() => expect(world.resultsOf(sent.command).at(-1)).toMatchObject({ outcome: "DONE" }));

  const sending = await outcomeOf(base);
  await world.setStatus(sending.message!._id, { status: "SENDING" });
  await world.withdraw(sending.command);
  await eventually(() => expect(world.resultsOf(sending.command)).toHaveLength(2));
  expect(world.resultsOf(sending.command).at(-1)?.outcome).toBe("WAITING");
  const onItsWay = (await world.messages()).find(({ _id }) => _id === sending.message!._id);
  expect(onItsWay).toMatchObject({ withdrawn: { code: "STEP_REMOVED" }, version: 2 });
  // The provider refused it for now: asking again finds it queued.
  await world.setStatus(sending.message!._id, { status: "QUEUED" });
  await world.withdraw(sending.command);
  await eventually(() => expect(world.resultsOf(sending.command).at(-1)).toMatchObject({ outcome: "CANCELED" }));

  const { id: templateId } = await world.template();
  const late = world.command({ ...base, templateId });
  await world.withdraw(late);
  await eventually(() => expect(world.resultsOf(late)).toHaveLength(1));
  await world.tell(late);
  await eventually(() => expect(world.resultsOf(late)).toHaveLength(2));
  expect(world.resultsOf(late).map(({ outcome }) => outcome)).toEqual(["CANCELED", "CANCELED"]);
  expect((await world.messages()).some(({ step }) => step?.key === late.key)).toBe(false);
});
