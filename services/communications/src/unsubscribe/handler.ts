import type { ServerResponse } from "node:http";
import { type Handler, type Logger, messageOf } from "@cadenza/platform";
import { isDatabaseOutage } from "@cadenza/storage";
import type { SuppressionService } from "../suppressions/service.ts";
import { UNSUBSCRIBE_PATH, type UnsubscribeLinks } from "./links.ts";
import { askPage, donePage, laterPage, unknownPage } from "./pages.ts";

/** The page needs nothing from anywhere, may be framed by nobody, and tells nobody where it was opened from. */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

/**
 * `GET` asks and changes nothing. `POST` unsubscribes: the page's button, and a mail program's one click (RFC 8058 §3.2, which
 * sends `List-Unsubscribe=One-Click`, without cookies or sign-in). Doing it again changes nothing.
 */
export function unsubscribeHandler(options: {
  links: UnsubscribeLinks;
  suppressions: SuppressionService;
  log: Logger;
}): Handler {
  const { links, suppressions, log } = options;
  return async (request, response) => {
    // Whatever stands in the body, the link itself says what is wanted.
    request.resume();
    const token = (request.url ?? "").split("?", 1)[0]!.slice(UNSUBSCRIBE_PATH.length);
    const wanted = links.read(token);
    if (!wanted) return answer(response, 404, unknownPage());
    if (request.method === "GET" || request.method === "HEAD") return answer(response, 200, askPage(wanted.address));
    if (request.method !== "POST") return answer(response.setHeader("allow", "GET, POST"), 405, unknownPage());
    try {
      await suppressions.unsubscribe(wanted.scope, wanted.channel, wanted.address);
    } catch (error) {
      if (!isDatabaseOutage(error)) throw error;
      log.warn({ reason: messageOf(error) }, "An unsubscription has to be tried again.");
      return answer(response, 503, laterPage());
    }
    log.info({ organizationId: wanted.scope.organizationId, channel: wanted.channel }, "A recipient has unsubscribed.");
    answer(response, 200, donePage(wanted.address));
  };
}

function answer(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, HEADERS);
  response.end(html);
}
