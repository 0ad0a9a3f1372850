import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { OUTCOMES, ProviderState, type Resource } from "./provider-state.ts";
import { postWebhook } from "./signed-webhook.ts";

export interface SimulatorOptions {
  /** Signs the webhooks; the account's secret. */
  readonly authToken: string;
  /** Milliseconds between two states of a message or call. Default 50. */
  readonly stepMs?: number;
  /** Milliseconds that the outcome `delay` adds. Default 5,000. */
  readonly delayMs?: number;
  readonly log?: (line: string) => void;
}

const Behaviour = z.object({ number: z.string().min(1), outcome: z.enum(OUTCOMES) });
const InboundSms = z.object({
  from: z.string().min(1),
  to: z.string().min(1),
  body: z.string(),
  /** Where the number's webhook is; default: the last one told for it. */
  url: z.string().url().optional(),
});

const CALL_ENDS: Record<string, string> = { busy: "busy", "no-answer": "no-answer", failed: "failed" };

/** A telephony provider in Twilio's HTTP dialect, with control endpoints that say how it behaves (OPS-4). */
export function createTelephonySimulator(options: SimulatorOptions): Server {
  const { authToken, stepMs = 50, delayMs = 5_000, log = () => undefined } = options;
  const state = new ProviderState();

  async function notify(url: string | null, parameters: Record<string, string>): Promise<void> {
    if (!url) return;
    const status = await postWebhook(authToken, url, parameters).catch((error: unknown) => String(error));
    log(`webhook ${parameters["MessageStatus"] ?? parameters["CallStatus"] ?? "inbound"} → ${status}`);
  }

  /** Walks a resource through its states, telling each. */
  function play(resource: Resource): void {
    const outcome = state.outcomeFor(resource.to);
    const end = CALL_ENDS[outcome];
    const states =
      resource.kind === "message"
        ? end
          ? ["undelivered"]
          : ["sent", "delivered"]
        : end
          ? ["ringing", end]
          : ["ringing", "in-progress", "completed"];
    const tell = (remaining: readonly string[]): void => {
      const [next, ...rest] = remaining;
      if (!next) return;
      resource.status = next;
      void notify(resource.statusCallback, callbackParameters(resource));
      setTimeout(() => tell(rest), stepMs).unref();
    };
    setTimeout(() => tell(states), stepMs + (outcome === "delay" ? delayMs : 0)).unref();
  }

  async function create(kind: Resource["kind"], request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(request));
    const [from, to] = [form.get("From"), form.get("To")];
    if (!from || !to) return json(response, 400, { code: 21604, message: "From and To are required", status: 400 });
    if (state.outcomeFor(to) === "refuse") {
      return json(response, 400, { code: 21211, message: `Invalid 'To' Phone Number: ${to}`, status: 400 });
    }
    const statusCallback = form.get("StatusCallback");
    const accepted = state.accept({ kind, from, to, body: form.get("Body") ?? "", statusCallback });
    play(accepted);
    return json(response, 201, view(accepted));
  }

  async function control(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (path === "/control/messages" && request.method === "GET") return json(response, 200, state.messages());
    const body: unknown = JSON.parse((await text(request)) || "null");
    if (path === "/control/behaviour") {
      const { number, outcome } = Behaviour.parse(body);
      state.behave(number, outcome);
      return json(response, 200, { number, outcome });
    }
    if (path === "/control/inbound-sms") {
      const { from, to, body: words, url = state.inboundUrls.get(to) } = InboundSms.parse(body);
      if (!url) return json(response, 409, { message: `No webhook is known for ${to}: give "url"` });
      state.inboundUrls.set(to, url);
      const message = state.accept({ kind: "message", from, to, body: words, statusCallback: null });
      state.resources.delete(message.sid);
      const parameters = { MessageSid: message.sid, From: from, To: to, Body: words, NumMedia: "0" };
      return json(response, 200, { webhookStatus: await postWebhook(authToken, url, parameters) });
    }
    return json(response, 404, { message: "No such control" });
  }

  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://telephony");
    const account = /^\/2010-04-01\/Accounts\/[^/]+\/(Messages|Calls)(?:\/([^/]+))?\.json$/.exec(pathname);
    const found = account?.[2] ? state.resources.get(account[2]) : undefined;
    const answer = async (): Promise<void> => {
      if (pathname === "/healthz" || pathname === "/readyz") return json(response, 200, { status: "ok" });
      if (pathname.startsWith("/control/")) return control(pathname, request, response);
      if (found) return json(response, 200, view(found));
      if (!account || account[2]) return json(response, 404, { code: 20404, message: "Not found", status: 404 });
      return create(account[1] === "Messages" ? "message" : "call", request, response);
    };
    answer().catch((error: unknown) => {
      json(response, 400, { message: error instanceof Error ? error.message : String(error) });
    });
  });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function view({ sid, from, to, body, status, kind }: Resource): object {
  return { sid, from, to, status, ...(kind === "message" ? { body, num_segments: "1", price: null } : {}) };
}

function callbackParameters({ kind, sid, from, to, status }: Resource): Record<string, string> {
  if (kind === "call") return { CallSid: sid, From: from, To: to, CallStatus: status };
  const error: Record<string, string> = status === "undelivered" ? { ErrorCode: "30003" } : {};
  return { MessageSid: sid, From: from, To: to, MessageStatus: status, ...error };
}
