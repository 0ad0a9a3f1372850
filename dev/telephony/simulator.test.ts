import { eventually } from "@cadenza/testkit";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTelephonySimulator } from "./simulator.ts";
import { webhookSignature } from "./signed-webhook.ts";

let simulator: Server;
let webhook: Server;
let received: { signature: string | undefined; form: Record<string, string> }[];

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeEach(async () => {
  received = [];
  simulator = createTelephonySimulator({ authToken: "secret", stepMs: 1 }).listen(0, "127.0.0.1");
  webhook = createServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    received.push({ signature: request.headers["x-twilio-signature"]?.toString(), form });
    response.end();
  }).listen(0, "127.0.0.1");
  await Promise.all([once(simulator, "listening"), once(webhook, "listening")]);
});
afterEach(() => {
  for (const server of [simulator, webhook]) {
    server.closeAllConnections();
    server.close();
  }
});

const post = (path: string, body: Record<string, string>) =>
  fetch(`${urlOf(simulator)}/2010-04-01/Accounts/AC1/${path}`, { method: "POST", body: new URLSearchParams(body) });
const control = (path: string, body: object) =>
  fetch(`${urlOf(simulator)}/control/${path}`, { method: "POST", body: JSON.stringify(body) });

test("OPS-4: an SMS is accepted, listed, and its delivery told by signed webhooks", async () => {
  const answer = await post("Messages.json", {
    From: "+4930111",
    To: "+4930222",
    Body: "Hi",
    StatusCallback: urlOf(webhook),
  });
  expect(answer.status).toBe(201);
  await eventually(() => expect(received.map(({ form }) => form["MessageStatus"])).toContain("delivered"));
  for (const { signature, form } of received) {
    expect(signature).toBe(webhookSignature("secret", urlOf(webhook), form));
  }
  const listed = await (await fetch(`${urlOf(simulator)}/control/messages`)).json();
  expect(listed).toEqual([{ from: "+4930111", to: "+4930222", body: "Hi" }]);
});

test.each(["busy", "no-answer", "failed"])("OPS-4: a call told to end as %s does", async (outcome) => {
  await control("behaviour", { number: "+4930222", outcome });
  const call = (await (await post("Calls.json", { From: "+4930111", To: "+4930222" })).json()) as { sid: string };
  await eventually(async () => {
    const fetched = await fetch(`${urlOf(simulator)}/2010-04-01/Accounts/AC1/Calls/${call.sid}.json`);
    expect(await fetched.json()).toMatchObject({ sid: call.sid, status: outcome });
  });
});

test("OPS-4: a number told to refuse is refused, and an unknown outcome is not taken", async () => {
  await control("behaviour", { number: "+4930222", outcome: "refuse" });
  expect((await post("Messages.json", { From: "+4930111", To: "+4930222", Body: "Hi" })).status).toBe(400);
  expect((await control("behaviour", { number: "+4930222", outcome: "explode" })).status).toBe(400);
});

test("OPS-4: an inbound SMS reaches the number's webhook, signed", async () => {
  await control("inbound-sms", { from: "+4930222", to: "+4930111", body: "STOP", url: urlOf(webhook) });
  expect(received).toMatchObject([{ form: { From: "+4930222", To: "+4930111", Body: "STOP" } }]);
});

test("webhookSignature gives the value of the provider's documentation", () => {
  const parameters = {
    CallSid: "CA1234567890ABCDE",
    Caller: "+14158675309",
    Digits: "1234",
    From: "+14158675309",
    To: "+18005551212",
  };
  const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
  expect(webhookSignature("12345", url, parameters)).toBe("RSOYDt4T1cUTdK1PDd93/VVr8B8=");
});
