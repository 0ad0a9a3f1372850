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
  world.crm.organization.visibleUnsubscribeLink = false;
});

async function queuedEmail(email?: string) {
  const { user } = await world.sender();
  const { id: templateId } = await world.template();
  const contact = world.crm.contact(email ? { emails: [email] } : {});
  const command = world.command({ contactId: contact.id, creatorOrEnrollingUserId: user.id, templateId });
  await world.tell(command);
  await eventually(() => expect(world.resultsOf(command)).toHaveLength(1));
  const message = (await world.messages()).find(({ step }) => step?.key === command.key)!;
  const mail = await simpleParser(Buffer.from(message.raw.buffer));
  const list = mail.headers.get("list") as unknown as {
    unsubscribe: { url: string };
    "unsubscribe-post": { name: string };
  };
  return { command, message, mail, url: list.unsubscribe.url, list, contact };
}

const oneClick = (url: string) =>
  fetch(url, {
    method: "POST",
    body: "List-Unsubscribe=One-Click",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });

it("EML-7: workflow email carries the headers of RFC 8058, and the visible link where the organization wants it", async () => {
  const plain = await queuedEmail();
  expect(plain.url).toMatch(new RegExp(`^${world.baseUrl}/unsubscribe/`));
  expect(plain.mail.headerLines.find(({ key }) => key === "list-unsubscribe-post")?.line).toBe(
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
  );
  expect(plain.mail.html).not.toContain("/unsubscribe/");
  world.crm.organization.visibleUnsubscribeLink = true;
  const visible = await queuedEmail();
  expect(visible.mail.html).toContain(`<a href="${visible.url}">`);
  expect(visible.mail.text).toContain(visible.url);
});

it("EML-7: opening the link changes nothing, one click unsubscribes and stops what no provider has", async () => {
  const { url, message, command, contact } = await queuedEmail();
  const page = await fetch(url);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<form method="post">');
  expect((await world.messages()).find(({ _id }) => _id === message._id)?.status).toBe("QUEUED");

  expect((await oneClick(url)).status).toBe(200);
  const after = (await world.messages()).find(({ _id }) => _id === message._id);
  expect(after).toMatchObject({ status: "CANCELED", reason: { code: "UNSUBSCRIBED" }, version: 2 });
  await eventually(() =>
    expect(world.resultsOf(command).at(-1)).toMatchObject({ outcome: "SKIPPED", reason: { code: "UNSUBSCRIBED" } }),
  );

  const id = Buffer.from(contact.emails[0]!.toLowerCase()).toString("base64url");
  const answer = await world.ask(
    "query ($r: [_Any!]!) { _entities(representations: $r) { ... on ContactEmail { deliverability } } }",
    { r: [{ __typename: "ContactEmail", id }] },
    { role: "VIEWER" },
  );
  expect(answer.at("_entities")).toEqual([{ deliverability: "UNSUBSCRIBED" }]);
});

it("EML-7: unsubscribing is idempotent, also for many clicks at once", async () => {
  const { url } = await queuedEmail("many.clicks@seven.test");
  const answers = await Promise.all(Array.from({ length: 8 }, () => oneClick(url)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
  const found = await world.ask(
    '{ suppressions(address: "Many.Clicks@seven.test") { nodes { address reason { code } } } }',
  );
  expect(found.at("suppressions.nodes")).toEqual([
    { address: "many.clicks@seven.test", reason: { code: "UNSUBSCRIBED" } },
  ]);
});

it("EML-7: a link that nobody has signed does nothing", async () => {
  const { url, message } = await queuedEmail();
  const [head, signature] = url.slice(url.lastIndexOf("/") + 1).split(".") as [string, string];
  const forged = Buffer.from(Buffer.from(head, "base64url").toString().replace(/@.*/, "@other.test")).toString(
    "base64url",
  );
  const base = `${world.baseUrl}/unsubscribe/`;
  for (const token of [
    `${forged}.${signature}`,
    `${head}.AAAA`,
    head,
    "",
    "%00",
    "a.b.c",
    `${head}.${"A".repeat(22)}`,
  ]) {
    expect((await oneClick(base + token)).status).toBe(404);
  }
  expect((await world.messages()).find(({ _id }) => _id === message._id)?.status).toBe("QUEUED");
});

it("EML-7: what a person writes carries no unsubscribe link, and is refused for an address that is unsubscribed", async () => {
  const { user } = await world.sender();
  const contact = world.crm.contact();
  const send = () =>
    world.ask(
      "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code path } } }",
      { input: { channel: "EMAIL", contactId: contact.id, subject: "Hi", body: "<p>Hello</p>" } },
      { role: "MEMBER", userId: user.id },
    );
  const first = await send();
  const message = (await world.messages()).find(({ _id }) => _id === first.at("sendMessage.message.id"));
  expect(message!.raw.toString()).not.toContain("List-Unsubscribe");
  await world.ask(
    "mutation ($address: String!) { suppress(channel: EMAIL, address: $address) { userErrors { code } } }",
    { address: contact.emails[0] },
  );
  expect((await send()).at("sendMessage")).toEqual({
    message: null,
    userErrors: [{ code: "UNSUBSCRIBED", path: ["input", "contactId"] }],
  });
});
