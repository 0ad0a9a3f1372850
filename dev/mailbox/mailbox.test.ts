import { appendFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createMailboxHttp } from "./http.ts";
import { type Mail, MailStore } from "./mail-store.ts";
import { createSmtpServer } from "./smtp.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mailbox-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function openMailbox() {
  const store = await MailStore.open(folder);
  const smtp = createSmtpServer(store);
  const http = createMailboxHttp(store);
  const smtpListening = new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", resolve));
  await Promise.all([smtpListening, once(http.listen(0, "127.0.0.1"), "listening")]);
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    http.close();
    http.closeAllConnections();
    await new Promise<void>((resolve) => smtp.close(() => resolve()));
    await store.close();
  };
  const messages = async (query = "") => (await (await fetch(`${url}/messages${query}`)).json()) as Mail[];
  return { url, port: (smtp.server.address() as AddressInfo).port, messages, [Symbol.asyncDispose]: close };
}

async function sendMails(port: number, to: string, mails: readonly string[]): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  const commands = mails.flatMap((mail) => [`MAIL FROM:<ada@demo.example>`, `RCPT TO:<${to}>`, "DATA", `${mail}\r\n.`]);
  const pending = ["EHLO test", ...commands, "QUIT"];
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    if (!/^\d{3} /m.test(text)) return;
    expect(text).not.toMatch(/^5/m);
    const next = pending.shift();
    if (next) socket.write(`${next}\r\n`);
  });
  await once(socket, "close");
  expect(pending).toEqual([]);
}

const mail = (subject: string, body = "Text") => `Subject: ${subject}\r\nMessage-ID: <${subject}@x>\r\n\r\n${body}`;

test("OPS-4: what a real SMTP client sends stands at /messages in order of arrival", async () => {
  await using mailbox = await openMailbox();
  await sendMails(mailbox.port, "grace@acme.example", [mail("one"), mail("two")]);
  await sendMails(mailbox.port, "else@acme.example", [mail("=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=")]);
  const all = await mailbox.messages();
  expect(all.map(({ subject }) => subject)).toEqual(["one", "two", "Grüße"]);
  expect(all[0]).toEqual({
    from: "ada@demo.example",
    to: ["grace@acme.example"],
    subject: "one",
    messageId: "<one@x>",
    raw: "Subject: one\r\nMessage-ID: <one@x>\r\n\r\nText\r\n",
  });
  expect(await mailbox.messages("?to=Else@acme.example")).toHaveLength(1);
});

test("OPS-4: the messages outlive a restart, and a line that a crash cut short does not stop it", async () => {
  {
    await using mailbox = await openMailbox();
    await sendMails(mailbox.port, "grace@acme.example", [mail("kept")]);
  }
  appendFileSync(join(folder, "mails.jsonl"), '{"from":"ada@demo');
  await using mailbox = await openMailbox();
  await sendMails(mailbox.port, "grace@acme.example", [mail("after")]);
  expect((await mailbox.messages()).map(({ subject }) => subject)).toEqual(["kept", "after"]);
  await fetch(`${mailbox.url}/messages`, { method: "DELETE" });
  expect(await mailbox.messages()).toEqual([]);
});

test("OPS-4: the page lists the newest first and shows a mail's HTML where it can do no harm", async () => {
  await using mailbox = await openMailbox();
  const hostile = `Subject: <script>alert(1)</script>\r\nContent-Type: text/html\r\n\r\n<p>Hi</p><script>alert(1)</script>`;
  await sendMails(mailbox.port, "grace@acme.example", [mail("first"), hostile]);
  const list = await (await fetch(mailbox.url)).text();
  expect(list.indexOf("&lt;script&gt;")).toBeLessThan(list.indexOf(">first<"));
  const page = await (await fetch(`${mailbox.url}/mails/1`)).text();
  expect(page).toContain('<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc=');
  expect(page).not.toContain("<script>");
});

test("OPS-4: a thousand messages over ten connections all arrive whole", async () => {
  await using mailbox = await openMailbox();
  const senders = Array.from({ length: 10 }, (_, sender) =>
    sendMails(
      mailbox.port,
      "grace@acme.example",
      Array.from({ length: 100 }, (__, n) => mail(`${sender}-${n}`)),
    ),
  );
  await Promise.all(senders);
  expect(new Set((await mailbox.messages()).map(({ subject }) => subject)).size).toBe(1000);
});
