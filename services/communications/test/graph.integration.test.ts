import { randomBytes } from "node:crypto";
import { newId } from "@cadenza/platform";
import { SecretBox } from "@cadenza/sending";
import { startSmtpServer } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSends } from "../src/sends/sends-service.ts";
import { rotateSecrets } from "../src/email-accounts/rotate-secrets.ts";
import { createLogger } from "@cadenza/platform";
import { World } from "./world.ts";

let world: World;
const keys = [{ id: "k1", key: randomBytes(32) }];
beforeAll(async () => {
  world = await World.start({ keys });
});
afterAll(() => world[Symbol.asyncDispose]());

const CREATE =
  "mutation ($input: TemplateInput!) { createTemplate(input: $input) { template { id revision subject shared owner { id } } userErrors { code path } } }";
const UPDATE =
  "mutation ($id: ID!, $revision: Int!, $input: TemplateInput!) { updateTemplate(id: $id, expectedRevision: $revision, input: $input) { template { revision body } userErrors { code path } } }";
const CONNECT =
  "mutation ($input: ConnectEmailAccountInput!) { connectEmailAccount(input: $input) { emailAccount { id status limits { perHour per24Hours minimumGapSeconds } } userErrors { code message path } } }";
const SEND =
  "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id status subject body to sender { id } } userErrors { code path } } }";
const RESOLVE =
  "mutation ($id: ID!, $wasSent: Boolean!) { resolveMessage(id: $id, wasSent: $wasSent) { message { status } userErrors { code } } }";
const template = { channel: "EMAIL", name: "T", subject: "S", body: "<p>B</p>" };

it("API-1: templates are made, changed, found and deleted", async () => {
  const user = world.crm.user();
  const member = { role: "MEMBER" as const, userId: user.id };
  const created = await world.ask(CREATE, { input: { ...template, name: "Findable (1)" } }, member);
  expect(created.at("createTemplate")).toMatchObject({
    template: { revision: 1, shared: true, owner: { id: user.id } },
    userErrors: [],
  });
  const id = created.at<string>("createTemplate.template.id");
  const changed = await world.ask(
    UPDATE,
    { id, revision: 1, input: { ...template, name: "Findable (1)", body: "new" } },
    member,
  );
  expect(changed.at("updateTemplate")).toEqual({ template: { revision: 2, body: "new" }, userErrors: [] });
  const stale = await world.ask(UPDATE, { id, revision: 1, input: template }, member);
  expect(stale.at("updateTemplate")).toEqual({
    template: null,
    userErrors: [{ code: "REVISION_CONFLICT", path: ["expectedRevision"] }],
  });
  const found = await world.ask(
    '{ templates(search: "able (1") { nodes { id } pageInfo { hasNextPage } } }',
    {},
    { role: "VIEWER" },
  );
  expect(found.at("templates")).toEqual({ nodes: [{ id }], pageInfo: { hasNextPage: false } });
  const deleted = await world.ask(
    "mutation ($id: ID!) { deleteTemplate(id: $id) { deletedId userErrors { code } } }",
    { id },
    member,
  );
  expect(deleted.at("deleteTemplate")).toEqual({ deletedId: id, userErrors: [] });
  expect((await world.ask("query ($id: ID!) { template(id: $id) { id } }", { id })).data).toEqual({ template: null });
});

type Page = { nodes: { name: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };

it("API-1: pages of templates join without gap or repetition", async () => {
  for (let i = 0; i < 5; i++) await world.template({ name: `paged ${i}` });
  const page = async (after: string | null) =>
    (
      await world.ask(
        'query ($after: String) { templates(first: 2, after: $after, search: "paged") { nodes { name } pageInfo { hasNextPage endCursor } } }',
        { after },
      )
    ).at<Page>("templates");
  const names: string[] = [];
  let after: string | null = null;
  do {
    const answer: Page = await page(after);
    names.push(...answer.nodes.map(({ name }) => name));
    after = answer.pageInfo.hasNextPage ? answer.pageInfo.endCursor : null;
  } while (after);
  expect(names.toSorted()).toEqual(["paged 0", "paged 1", "paged 2", "paged 3", "paged 4"]);
});

it.each([
  [{ subject: "{{ contact.firstName" }, "TEMPLATE_INVALID", ["input", "subject"]],
  [{ body: "{% if x %}" }, "TEMPLATE_INVALID", ["input", "body"]],
  [{ subject: null }, "SUBJECT_MISSING", ["input", "subject"]],
])("API-5: a template with %o is refused with a path", async (values, code, path) => {
  const answer = await world.ask(CREATE, { input: { ...template, ...values } });
  expect(answer.at("createTemplate")).toEqual({ template: null, userErrors: [{ code, path }] });
});

it.each([
  [{ name: " " }, ["input", "name"]],
  [{ subject: "x".repeat(1001) }, ["input", "subject"]],
  [{ body: "x".repeat(200_001) }, ["input", "body"]],
  [{ body: "a\u0000b" }, ["input", "body"]],
])("API-5: a malformed template text is refused with a path", async (values, path) => {
  const answer = await world.ask(CREATE, { input: { ...template, ...values } });
  expect(answer.errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", path });
});

it("API-3: roles hold for every mutation, before values are looked at", async () => {
  const [own, other] = [world.crm.user(), world.crm.user()];
  const { id: accountId } = await world.connect(other.id);
  const { id: templateId } = await world.template();
  const codeOf = async (query: string, variables: Record<string, unknown>, role: "MEMBER" | "VIEWER") =>
    (await world.ask(query, variables, { role, userId: own.id })).errors?.[0]?.extensions.code;
  const malformed = { channel: "EMAIL", name: "", body: "" };
  expect(await codeOf(CREATE, { input: malformed }, "VIEWER")).toBe("FORBIDDEN");
  expect(await codeOf(UPDATE, { id: templateId, revision: 9, input: malformed }, "MEMBER")).toBe("FORBIDDEN");
  expect(
    await codeOf('mutation { suppress(channel: EMAIL, address: "x") { userErrors { code } } }', {}, "VIEWER"),
  ).toBe("FORBIDDEN");
  const smtp = { host: "-", port: 0, security: "NONE" };
  expect(await codeOf(CONNECT, { input: { ownerId: other.id, address: "x", smtp } }, "MEMBER")).toBe("FORBIDDEN");
  expect(await codeOf(CONNECT, { input: { ownerId: own.id, address: "x", smtp } }, "VIEWER")).toBe("FORBIDDEN");
  expect(
    await codeOf(
      "mutation ($id: ID!) { disconnectEmailAccount(id: $id) { userErrors { code } } }",
      { id: accountId },
      "MEMBER",
    ),
  ).toBe("FORBIDDEN");
  const input = { channel: "EMAIL", contactId: "x", senderId: other.id, body: "x" };
  expect(await codeOf(SEND, { input }, "MEMBER")).toBe("FORBIDDEN");
  expect(await codeOf(SEND, { input: { channel: "EMAIL", contactId: "x", body: "x" } }, "VIEWER")).toBe("FORBIDDEN");
});

it("API-3: nothing of one organization is seen or changed from another, on any way", async () => {
  const { user, account } = await world.sender();
  const { id: templateId } = await world.template();
  const contact = world.crm.contact();
  const sent = await world.ask(SEND, {
    input: { channel: "EMAIL", contactId: contact.id, senderId: user.id, subject: "S", body: "B" },
  });
  const messageId = sent.at<string>("sendMessage.message.id");
  const foreign = { organizationId: newId(world.clock.now()) };
  const seen = await world.ask(
    `query ($r: [_Any!]!, $t: ID!, $m: ID!, $lead: [ID!]) {
      template(id: $t) { id } message(id: $m) { id } messages(filter: { leadIds: $lead }) { totalCount nodes { id } } templates { nodes { id } }
      _entities(representations: $r) { __typename ... on Template { name } ... on Message { to } ... on EmailAccount { address }
        ... on User { emailAccounts { id } } ... on Lead { activity { nodes { __typename } } } }
    }`,
    {
      t: templateId,
      m: messageId,
      lead: [contact.leadId],
      r: [
        { __typename: "Template", id: templateId },
        { __typename: "Message", id: messageId },
        { __typename: "EmailAccount", id: account.id },
        { __typename: "User", id: user.id },
        { __typename: "Lead", id: contact.leadId },
      ],
    },
    foreign,
  );
  expect(seen.data).toEqual({
    template: null,
    message: null,
    messages: { totalCount: 0, nodes: [] },
    templates: { nodes: [] },
    _entities: [
      null,
      null,
      null,
      { __typename: "User", emailAccounts: [] },
      { __typename: "Lead", activity: { nodes: [] } },
    ],
  });
  const changed = await world.ask(UPDATE, { id: templateId, revision: 1, input: template }, foreign);
  expect(changed.at("updateTemplate.userErrors")).toEqual([{ code: "NOT_FOUND", path: ["id"] }]);
  const resolved = await world.ask(RESOLVE, { id: messageId, wasSent: true }, foreign);
  expect(resolved.at("resolveMessage.userErrors")).toEqual([{ code: "NOT_FOUND" }]);
  const own = await world.ask(
    "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Lead { activity { nodes { ... on Message { id to } } } } } }",
    { r: [{ __typename: "Lead", id: contact.leadId }] },
    { role: "VIEWER" },
  );
  expect(own.at("_entities.0.activity.nodes")).toEqual([{ id: messageId, to: contact.emails[0] }]);
});

it("API-3: a request that the gateway has not signed is refused", async () => {
  const response = await fetch(`${world.baseUrl}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"query":"{ templates { nodes { id } } }"}',
  });
  expect(response.status).toBe(401);
});

it("API-3: a template that is not shared is seen by its owner and admins", async () => {
  const [owner, other] = [world.crm.user(), world.crm.user()];
  const created = await world.ask(
    CREATE,
    { input: { ...template, shared: false } },
    { role: "MEMBER", userId: owner.id },
  );
  const id = String(created.at("createTemplate.template.id"));
  const see = async (role: "ADMIN" | "MEMBER", userId: string) =>
    (await world.ask("query ($id: ID!) { template(id: $id) { id } }", { id }, { role, userId })).at("template");
  expect(await see("MEMBER", owner.id)).toEqual({ id });
  expect(await see("ADMIN", other.id)).toEqual({ id });
  expect(await see("MEMBER", other.id)).toBeNull();
});

it("EML-1: a preview shows what a step would make, or the error it would meet", async () => {
  const user = world.crm.user({ name: "Sam Sender" });
  const contact = world.crm.contact({ name: "Ada Lovelace" });
  const preview = async (templateId: string) =>
    (
      await world.ask(
        "query ($t: ID!, $c: ID!) { previewTemplate(templateId: $t, contactId: $c) { subject body error { code message } } }",
        { t: templateId, c: contact.id },
        { role: "VIEWER", userId: user.id },
      )
    ).at("previewTemplate");
  const good = await world.template({ subject: "Hi {{ contact.firstName }}", body: "by {{ sender.firstName }}" });
  expect(await preview(good.id)).toEqual({ subject: "Hi Ada", body: "by Sam", error: null });
  const bad = await world.template({ body: "{{ contact.title }}" });
  expect(await preview(bad.id)).toMatchObject({
    subject: null,
    body: null,
    error: { code: "TEMPLATE_VARIABLE_MISSING" },
  });
});

it("EML-2: an account is connected only when its server takes the credentials", async () => {
  const { id: ownerId } = world.crm.user();
  const smtp = { host: "127.0.0.1", port: world.smtp.port, security: "NONE" };
  const answer = await world.ask(CONNECT, {
    input: { ownerId, address: "ok@connect.test", smtp, limits: { perHour: null, per24Hours: 10 } },
  });
  expect(answer.at("connectEmailAccount.emailAccount")).toMatchObject({
    status: "CONNECTED",
    limits: { perHour: null, per24Hours: 10, minimumGapSeconds: 0 },
  });
  const again = await world.ask(CONNECT, { input: { ownerId, address: "OK@connect.test", smtp } });
  expect(again.at("connectEmailAccount.userErrors")).toMatchObject([
    { code: "ADDRESS_CONNECTED", path: ["input", "address"] },
  ]);
  const gone = await startSmtpServer();
  const { port } = gone;
  await gone.close();
  const refused = await world.ask(CONNECT, { input: { ownerId, address: "no@connect.test", smtp: { ...smtp, port } } });
  expect(refused.at("connectEmailAccount")).toMatchObject({
    emailAccount: null,
    userErrors: [{ code: "SMTP_CONNECTION_FAILED", path: ["input", "smtp"] }],
  });
  const tls = await world.ask(CONNECT, {
    input: { ownerId, address: "no@connect.test", smtp: { ...smtp, security: "STARTTLS" } },
  });
  expect(tls.at("connectEmailAccount")).toMatchObject({
    emailAccount: null,
    userErrors: [{ path: expect.arrayContaining(["smtp"]) }],
  });
  const accounts = await world.ask(
    "query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { emailAccounts { address default } } } }",
    { r: [{ __typename: "User", id: ownerId }] },
  );
  expect(accounts.at("_entities.0.emailAccounts")).toEqual([{ address: "ok@connect.test", default: false }]);
});

it.each([
  [{ address: "a@b\r\nBcc: c@d" }, ["input", "address"]],
  [{ address: "no address" }, ["input", "address"]],
  [{ displayName: "A\nB" }, ["input", "displayName"]],
  [{ smtp: { host: "127.0.0.1", port: 0, security: "NONE" } }, ["input", "smtp", "port"]],
  [{ smtp: { host: "http://x/", port: 25, security: "NONE" } }, ["input", "smtp", "host"]],
  [{ limits: { perHour: -1 } }, ["input", "limits", "perHour"]],
])("API-5: an account with %o is refused with a path", async (values, path) => {
  const { id: ownerId } = world.crm.user();
  const smtp = { host: "127.0.0.1", port: world.smtp.port, security: "NONE" };
  const answer = await world.ask(CONNECT, { input: { ownerId, address: "x@bad.test", smtp, ...values } });
  expect(answer.errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", path });
});

it("SND-1: what is left out of a limit stays, an explicit null is no limit; a pause shows its reason", async () => {
  const { account } = await world.sender({ limits: { perHour: 7 } });
  const update = async (input: Record<string, unknown>) =>
    (
      await world.ask(
        "mutation ($id: ID!, $input: UpdateEmailAccountInput!) { updateEmailAccount(id: $id, input: $input) { emailAccount { status statusReason { code } limits { perHour per24Hours } } } }",
        { id: account.id, input },
      )
    ).at("updateEmailAccount.emailAccount");
  expect(await update({ limits: { per24Hours: null } })).toMatchObject({ limits: { perHour: 7, per24Hours: null } });
  expect(await update({ paused: true })).toMatchObject({ status: "PAUSED", statusReason: { code: "PAUSED_BY_USER" } });
  expect(await update({ paused: false })).toMatchObject({ status: "CONNECTED", statusReason: null });
});

it("REL-8: a password is stored sealed, never read back, and moves to a new key", async () => {
  const { account } = await world.sender();
  const stored = await world.account(account.id);
  expect(JSON.stringify(stored)).not.toContain("p4ssw0rd");
  const fresh = { id: "k2", key: randomBytes(32) };
  const secrets = new SecretBox([fresh, ...keys]);
  const log = createLogger({ service: "test", level: "fatal" });
  expect(await rotateSecrets({ database: world.database, secrets, clock: world.clock, log })).toBeGreaterThan(0);
  expect(await rotateSecrets({ database: world.database, secrets, clock: world.clock, log })).toBe(0);
  const moved = await world.account(account.id);
  expect(moved.smtp.secret?.keyId).toBe("k2");
  expect(new SecretBox([fresh]).open(moved.smtp.secret!, account.id)).toBe("p4ssw0rd-not-to-be-seen");
  await rotateSecrets({ database: world.database, secrets: new SecretBox([...keys, fresh]), clock: world.clock, log });
});

it("REL-8: disconnecting forgets the password", async () => {
  const { account } = await world.sender();
  const answer = await world.ask(
    "mutation ($id: ID!) { disconnectEmailAccount(id: $id) { emailAccount { status } userErrors { code } } }",
    { id: account.id },
  );
  expect(answer.at("disconnectEmailAccount")).toEqual({ emailAccount: { status: "DISCONNECTED" }, userErrors: [] });
  expect((await world.account(account.id)).smtp.secret).toBeNull();
});

it("EML-4: a person's message goes out without a schedule, once per idempotency key", async () => {
  const { user } = await world.sender();
  const contact = world.crm.contact({ name: "Ada Lovelace" });
  const member = { role: "MEMBER" as const, userId: user.id };
  const input = {
    channel: "EMAIL",
    contactId: contact.id,
    subject: "Hi {{ contact.firstName }}",
    body: "<p>{{ sender.name }}</p>",
    idempotencyKey: newId(world.clock.now()),
  };
  const [first, second] = await Promise.all([world.ask(SEND, { input }, member), world.ask(SEND, { input }, member)]);
  expect(first.at("sendMessage")).toMatchObject({
    message: { status: "QUEUED", subject: "Hi Ada", body: "<p>Sam Sender</p>", sender: { id: user.id } },
    userErrors: [],
  });
  expect(second.data).toEqual(first.data);
  const other = await world.ask(SEND, { input: { ...input, body: "other" } }, member);
  expect(other.at("sendMessage")).toEqual({
    message: null,
    userErrors: [{ code: "IDEMPOTENCY_KEY_REUSED", path: ["input", "idempotencyKey"] }],
  });
  const made = (await world.messages()).filter(({ contactId }) => contactId === contact.id);
  expect(made).toMatchObject([{ schedule: null, zone: null, step: null }]);
});

it("EML-4: a message may take its subject and body from a template", async () => {
  const { user } = await world.sender();
  const contact = world.crm.contact({ name: "Ada Lovelace" });
  const { id: templateId } = await world.template({ subject: "Hi {{ contact.firstName }}", body: "<p>T</p>" });
  const input = { channel: "EMAIL", contactId: contact.id, templateId };
  const sent = await world.ask(SEND, { input }, { role: "MEMBER", userId: user.id });
  expect(sent.at("sendMessage.message")).toMatchObject({ subject: "Hi Ada", body: "<p>T</p>" });
});

it("EML-4: a message that cannot be written leaves its idempotency key free", async () => {
  const user = world.crm.user();
  const contact = world.crm.contact();
  const member = { role: "MEMBER" as const, userId: user.id };
  const input = {
    channel: "EMAIL",
    contactId: contact.id,
    subject: "Hi",
    body: "x",
    idempotencyKey: newId(world.clock.now()),
  };
  expect((await world.ask(SEND, { input }, member)).at("sendMessage.userErrors")).toEqual([
    { code: "NO_EMAIL_ACCOUNT", path: ["input", "senderId"] },
  ]);
  await world.connect(user.id);
  expect((await world.ask(SEND, { input }, member)).at("sendMessage")).toMatchObject({
    message: { status: "QUEUED" },
    userErrors: [],
  });
});

it.each([
  [{ contactId: "nonsense" }, "NOT_FOUND", ["input", "contactId"]],
  [{ templateId: "nonsense" }, "NOT_FOUND", ["input", "templateId"]],
  [{ subject: null }, "SUBJECT_MISSING", ["input", "subject"]],
  [{ body: null }, "BODY_MISSING", ["input", "body"]],
  [{ body: "{{ contact.title }}" }, "TEMPLATE_VARIABLE_MISSING", ["input", "body"]],
  [{ body: "{% for %}" }, "TEMPLATE_INVALID", ["input", "body"]],
])("API-5: a message with %o is refused with a path and nothing is queued", async (values, code, path) => {
  const { user } = await world.sender();
  const contact = world.crm.contact();
  const before = (await world.messages()).length;
  const input = { channel: "EMAIL", contactId: contact.id, subject: "S", body: "B", ...values };
  const answer = await world.ask(SEND, { input }, { role: "MEMBER", userId: user.id });
  expect(answer.at("sendMessage")).toEqual({ message: null, userErrors: [{ code, path }] });
  expect((await world.messages()).length).toBe(before);
});

it("SND-3: a person says what became of a message in doubt", async () => {
  const { user } = await world.sender();
  const contact = world.crm.contact();
  const member = { role: "MEMBER" as const, userId: user.id };
  const send = async () =>
    (
      await world.ask(SEND, { input: { channel: "EMAIL", contactId: contact.id, subject: "S", body: "B" } }, member)
    ).at<string>("sendMessage.message.id");
  const [sent, lost] = [await send(), await send()];
  expect((await world.ask(RESOLVE, { id: sent, wasSent: true }, member)).at("resolveMessage.userErrors")).toEqual([
    { code: "OUTCOME_KNOWN" },
  ]);
  const sendingSince = world.clock.now();
  for (const id of [sent, lost]) await world.setStatus(id, { status: "UNKNOWN_OUTCOME", sendingSince });
  expect((await world.ask(RESOLVE, { id: sent, wasSent: true }, member)).at("resolveMessage.message")).toEqual({
    status: "SENT",
  });
  expect((await world.ask(RESOLVE, { id: lost, wasSent: false }, member)).at("resolveMessage.message")).toEqual({
    status: "FAILED",
  });
  expect((await world.messages()).find(({ _id }) => _id === sent)).toMatchObject({ sentAt: sendingSince });
});

it("OPS-3: what is due, and when the next is due, is counted over all organizations", async () => {
  const fresh = await World.start();
  const sends = createSends({
    database: fresh.database,
    templates: fresh.service.parts.templateStore,
    planner: fresh.service.planner,
    unknownAfterMs: 60_000,
  });
  const now = fresh.clock.now();
  expect(await sends.countDue({ before: now.toISOString() })).toEqual({ due: 0, nextAt: null });
  const { user } = await fresh.sender();
  const contact = fresh.crm.contact();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    const sent = await fresh.ask(SEND, {
      input: { channel: "EMAIL", contactId: contact.id, senderId: user.id, subject: "S", body: "B" },
    });
    ids.push(sent.at<string>("sendMessage.message.id"));
  }
  const later = new Date(now.getTime() + 3_600_000);
  await fresh.setStatus(ids[0]!, { notBefore: later });
  await fresh.setStatus(ids[1]!, { status: "SENDING", sendingSince: now, dueAt: later });
  const unknownAt = new Date(now.getTime() + 60_000);
  expect(await sends.countDue({ before: now.toISOString() })).toEqual({ due: 2, nextAt: later.toISOString() });
  // A send that takes long is not waited for: what comes next for it is its end as an unknown outcome.
  const inDoubt = new Date(now.getTime() + 10_000).toISOString();
  expect(await sends.countDue({ before: inDoubt })).toEqual({ due: 1, nextAt: unknownAt.toISOString() });
  await fresh[Symbol.asyncDispose]();
});
