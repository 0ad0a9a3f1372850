import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { simpleParser } from "mailparser";
import type { MailStore } from "./mail-store.ts";
import { listPage, mailPage } from "./page.ts";

const PAGE_SIZE = 200;

/** The page that shows what arrived, and the same as JSON at `/messages`. */
export function createMailboxHttp(store: MailStore): Server {
  return createServer((request, response) => {
    answer(store, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(error instanceof Error ? error.message : String(error));
    });
  });
}

async function answer(store: MailStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://mailbox");
  if (pathname === "/healthz" || pathname === "/readyz") return send(response, 200, "text/plain", "ok");
  if (pathname === "/messages" && request.method === "DELETE") {
    await store.clear();
    return void response.writeHead(204).end();
  }
  if (request.method !== "GET") return send(response, 405, "text/plain", "GET, or DELETE /messages");
  if (pathname === "/messages") return sendMessages(store, searchParams.get("to") ?? undefined, response);
  if (pathname === "/") {
    const all = store.list();
    return send(response, 200, "text/html", listPage(all.slice(-PAGE_SIZE).reverse(), all.length));
  }
  const index = /^\/mails\/(\d+)$/.exec(pathname)?.[1];
  const mail = index === undefined ? null : await store.find(Number(index));
  if (!mail) return send(response, 404, "text/plain", "There is no such message");
  return send(response, 200, "text/html", mailPage(mail, await simpleParser(mail.raw)));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" });
  response.end(body);
}

/** Streams: a hundred thousand messages are more than one string should hold. */
async function sendMessages(store: MailStore, to: string | undefined, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  let separator = "[";
  for (const entry of store.list(to)) {
    response.write(separator);
    if (!response.write(await store.json(entry))) await drained(response);
    separator = ",";
  }
  response.end(separator === "[" ? "[]" : "]");
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once("drain", resolve);
    response.once("close", resolve);
  });
}
