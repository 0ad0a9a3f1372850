import type { DevFile } from "../stack/dev-file.ts";
import { seedAccounts } from "./demo-accounts.ts";
import { seedCatalog } from "./demo-catalog.ts";
import { seedLeads } from "./demo-leads.ts";
import { seedRuns } from "./demo-runs.ts";
import { seedWorkflow } from "./demo-workflow.ts";
import { Graph } from "./graph.ts";

const TIME_ZONE = "Europe/Berlin";

/**
 * Fills the first organization through the graph, as its admin. Each part looks first, so a second start adds nothing.
 * A part that fails is told and left out: a stack without demo data is still a stack.
 */
export async function seedDemo(
  dev: Pick<DevFile, "graphqlUrl" | "smtp" | "organizations">,
  say: (line: string) => void,
): Promise<void> {
  const admin = dev.organizations[0]?.users.find(({ role }) => role === "ADMIN");
  if (!admin) throw new Error("The first organization has no admin");
  const graph = new Graph(dev.graphqlUrl, admin.token);
  const parts: readonly (readonly [string, () => Promise<void>])[] = [
    ["statuses and fields", () => seedCatalog(graph)],
    ["email accounts", () => seedAccounts(graph, dev)],
    ["workflow", () => seedWorkflow(graph, TIME_ZONE)],
    ["leads", () => seedLeads(graph)],
    ["runs", () => seedRuns(graph)],
  ];
  for (const [what, seed] of parts) {
    try {
      await seed();
    } catch (error) {
      say(`warning: the demo's ${what} could not be made: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  say("the demo organization is there");
}
