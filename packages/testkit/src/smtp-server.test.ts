import { connect } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { eventually, type SmtpBehaviour, startFaultProxy, startSmtpServer } from "./index.ts";

const MESSAGE = "Subject: Hello\r\n World\r\nMessage-ID: <1@a.example>\r\n\r\nText\r\n.";

/** Speaks SMTP line by line and answers the replies; stops where the server does. */
async function send(port: number, lines: readonly string[]): Promise<string[]> {
  const socket = connect(port, "127.0.0.1");
  const replies: string[] = [];
  const pending = [...lines];
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    for (const line of chunk.split("\r\n").filter((text) => /^\d{3} /.test(text))) {
      replies.push(line);
      const next = pending.shift();
      if (next) socket.write(`${next}\r\n`);
      else socket.end();
    }
  });
  await once(socket, "close");
  return replies;
}

const lines = ["EHLO a.example", "MAIL FROM:<a@a.example>", "RCPT TO:<b@b.example>", "DATA", MESSAGE, "QUIT"];

test("accept: the message is recorded with its headers unfolded", async () => {
  await using server = await startSmtpServer();
  await send(server.port, lines);
  expect(server.messages).toMatchObject([
    { from: "a@a.example", to: ["b@b.example"], subject: "Hello World", messageId: "<1@a.example>", state: "accepted" },
  ]);
});

const refusals: [string, SmtpBehaviour, string][] = [
  ["at RCPT TO", { refuseRecipient: 550, text: "5.1.1 no such mailbox" }, "550 5.1.1 no such mailbox"],
  ["after DATA", { refuseData: 451, text: "4.7.1 come back later" }, "451 4.7.1 come back later"],
];
test.each(refusals)("a refusal %s reaches the sender and records nothing", async (_where, behaviour, reply) => {
  await using server = await startSmtpServer({ behaviour });
  const upTo = "refuseData" in (behaviour as object) ? lines.slice(0, 5) : lines.slice(0, 3);
  expect(await send(server.port, upTo)).toContain(reply);
  expect(server.messages).toEqual([]);
});

test("drop: the bytes are taken and the connection closes without an answer", async () => {
  await using server = await startSmtpServer({ behaviour: "drop" });
  const replies = await send(server.port, lines);
  expect(replies.at(-1)).toMatch(/^354 /);
  expect(server.messages).toMatchObject([{ state: "taken" }]);
});

test("hang: the bytes are taken and no answer comes", async () => {
  await using server = await startSmtpServer({ behaviour: "hang" });
  const sending = send(server.port, lines);
  await eventually(() => expect(server.messages).toHaveLength(1));
  await server.close();
  expect((await sending).filter((reply) => reply.startsWith("250"))).toHaveLength(3);
});

test("a stalled connection moves again, a cut one is gone", async () => {
  await using server = await startSmtpServer();
  await using proxy = await startFaultProxy({ target: `127.0.0.1:${server.port}` });
  proxy.set("stall");
  const sending = send(proxy.port, lines);
  await eventually(() => expect(server.connections).toBe(1));
  expect(server.messages).toEqual([]);
  proxy.set("pass");
  await sending;
  expect(server.messages).toHaveLength(1);

  proxy.set("cut");
  await expect(send(proxy.port, lines)).rejects.toThrow(/ECONNRESET/);
});
