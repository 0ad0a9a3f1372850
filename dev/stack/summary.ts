import { relative } from "node:path";
import type { DevFile } from "./dev-file.ts";
import type { StackFolders } from "./folders.ts";
import type { SupervisedProcess } from "./supervised-process.ts";

/** The table that ends `npm start`: what runs where, and a first query to paste. */
export function summary(
  dev: Omit<DevFile, "processes">,
  processes: readonly SupervisedProcess[],
  folders: StackFolders,
): string {
  const home = relative(process.cwd(), folders.home) || ".";
  const rows = [
    ["Explorer", `${dev.graphqlUrl.replace("/graphql", "/")}  (open this first: signed in, with the tour in tabs)`],
    ["GraphQL", dev.graphqlUrl],
    ["Subscriptions", dev.wsUrl],
    ["Mailbox", `${dev.mailboxUrl}  (SMTP ${dev.smtp.host}:${dev.smtp.port})`],
    ["Telephony", `${dev.telephonyUrl}  (simulated provider)`],
    ...processes
      .filter(({ spec }) => !["mailbox", "telephony", "gateway"].includes(spec.service))
      .map((child) => [child.name, `pid ${child.pid}${child.spec.metricsUrl ? `  ${child.spec.metricsUrl}` : ""}`]),
    ["Logs", `${home}/logs`],
    ["Tokens, ports", `${home}/dev.json`],
  ];
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  const table = rows.map(([name = "", value = ""]) => `  ${name.padEnd(width)}  ${value}`).join("\n");
  const token = dev.organizations[0]?.users.find(({ role }) => role === "ADMIN")?.token ?? "";
  const query = JSON.stringify({
    query: "{ viewer { organization { name } user { name } role } leads(first: 3) { totalCount nodes { name } } }",
  });
  return [
    "",
    table,
    "",
    "A first query, as the admin of Demo:",
    "",
    `curl -s ${dev.graphqlUrl} -H 'content-type: application/json' \\`,
    `  -H 'authorization: Bearer ${token}' \\`,
    `  -d '${query}'`,
    "",
    "Ctrl-C stops everything.",
  ].join("\n");
}
