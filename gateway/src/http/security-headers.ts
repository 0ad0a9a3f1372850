import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";

/** The headers that keep a browser from doing what a page did not mean. */
const strict = helmet({
  contentSecurityPolicy: { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
});
/** The explorer runs its own scripts and asks its own origin. */
const forExplorer = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      connectSrc: ["'self'", "ws:", "wss:"],
      imgSrc: ["'self'", "data:"],
      fontSrc: ["'self'", "data:"],
      workerSrc: ["'self'", "blob:"],
    },
  },
  strictTransportSecurity: false,
});

export function setSecurityHeaders(
  request: IncomingMessage,
  response: ServerResponse,
  page: "api" | "explorer" = "api",
): void {
  (page === "api" ? strict : forExplorer)(request, response, (error?: unknown) => {
    if (error) throw error;
  });
}

/** In development any page may ask, so that a client can be tried from its own server. */
export function allowAnyOrigin(response: ServerResponse): void {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-allow-headers", "authorization, content-type, x-request-id");
  response.setHeader("access-control-allow-methods", "POST");
  response.setHeader("access-control-max-age", "600");
  response.setHeader("cross-origin-resource-policy", "cross-origin");
}
