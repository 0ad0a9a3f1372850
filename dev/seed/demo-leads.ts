import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Graph, SeedError } from "./graph.ts";

const IMPORT_TIMEOUT_MS = 10_000;

interface ImportJob {
  readonly id: string;
  readonly status: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly rowErrors: readonly { readonly line: number; readonly message: string }[];
}

/** Twelve leads with a contact each, by the import that a customer would use. Nothing where there are leads already. */
export async function seedLeads(graph: Graph): Promise<void> {
  const { leads } = await graph.query<{ leads: { totalCount: number } }>("{ leads(first: 1) { totalCount } }");
  if (leads.totalCount > 0) return;
  const content = readFileSync(join(import.meta.dirname, "leads.csv"), "utf8");
  const { job } = await graph.change<{ job: { id: string } }>(
    "mutation ($input: ImportLeadsInput!) { importLeads(input: $input) { job { id } userErrors { code message } } }",
    { input: { format: "CSV", content, idempotencyKey: "seed-leads" } },
  );
  const done = await finished(graph, job.id);
  const [error] = done.rowErrors;
  if (error) throw new SeedError(`leads.csv line ${error.line}: ${error.message}`);
}

async function finished(graph: Graph, id: string): Promise<ImportJob> {
  const deadline = performance.now() + IMPORT_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const { importJob } = await graph.query<{ importJob: ImportJob | null }>(
      "query ($id: ID!) { importJob(id: $id) { id status succeeded failed rowErrors { line message } } }",
      { id },
    );
    if (importJob?.status === "SUCCEEDED") return importJob;
    if (importJob?.status === "FAILED") throw new SeedError("the import of leads.csv failed");
    await wait(100);
  }
  throw new SeedError("the import of leads.csv is still running; it goes on by itself");
}
