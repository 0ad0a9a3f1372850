import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { OpsServer } from "@cadenza/platform";
import { setSecurityHeaders } from "../http/security-headers.ts";
import { readTour } from "./tour.ts";

const require = createRequire(import.meta.url);
const JAVASCRIPT = "text/javascript; charset=utf-8";

/** Where each of the page's files stands: everything is served from here, nothing from the network. */
const FILES = {
  "react.js": { path: fileOf("react", "umd/react.production.min.js"), type: JAVASCRIPT },
  "react-dom.js": { path: fileOf("react-dom", "umd/react-dom.production.min.js"), type: JAVASCRIPT },
  "graphiql.js": { path: fileOf("graphiql", "graphiql.min.js"), type: JAVASCRIPT },
  "graphiql.css": { path: fileOf("graphiql", "graphiql.min.css"), type: "text/css; charset=utf-8" },
  "graphql-ws.js": { path: fileOf("graphql-ws", "umd/graphql-ws.min.js"), type: JAVASCRIPT },
  "page.js": { path: join(import.meta.dirname, "page.js"), type: JAVASCRIPT },
} as const;

/** GraphiQL at `/`, signed in with `token`, with the tour's queries in tabs. For development only. */
export function serveExplorer(http: OpsServer, options: { token: string | undefined }): void {
  http.route("/", (request, response) => {
    setSecurityHeaders(request, response, "explorer");
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.setHeader("cache-control", "no-store");
    response.end(page({ token: options.token ?? "", tabs: readTour() }));
  });
  for (const [name, { path, type }] of Object.entries(FILES)) {
    http.route(`/explorer/${name}`, (request, response) => {
      setSecurityHeaders(request, response, "explorer");
      response.setHeader("content-type", type);
      response.setHeader("cache-control", "max-age=3600");
      response.end(readFileSync(path));
    });
  }
}

function fileOf(name: string, path: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), path);
}

function page(settings: unknown): string {
  // `<` would end the element that carries the settings.
  const json = JSON.stringify(settings).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Cadenza</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/explorer/graphiql.css">
  <style>html, body, #explorer { height: 100%; margin: 0; }</style>
</head>
<body>
  <div id="explorer">Loading…</div>
  <script type="application/json" id="settings">${json}</script>
  <script src="/explorer/react.js"></script>
  <script src="/explorer/react-dom.js"></script>
  <script src="/explorer/graphiql.js"></script>
  <script src="/explorer/graphql-ws.js"></script>
  <script src="/explorer/page.js"></script>
</body>
</html>
`;
}
