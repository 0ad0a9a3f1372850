import { type Stack, until } from "@cadenza/e2e";

/** Leads with one contact each, by a CSV import. */
export async function importContacts(stack: Stack, options: { key: string; rows: readonly string[] }): Promise<void> {
  const response = await fetch(`${new URL(stack.dev.graphqlUrl).origin}/imports?format=CSV&key=${options.key}`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.user("Demo").token}`, "content-type": "text/csv" },
    body: `lead_name,contact_name,contact_email\n${options.rows.join("\n")}\n`,
  });
  const body = (await response.json()) as { jobId?: string; id?: string };
  const id = body.jobId ?? body.id;
  if (!response.ok || !id) throw new Error(`The import answered ${response.status}: ${JSON.stringify(body)}`);
  await until(
    async () =>
      (await stack.as("Demo").data(`query($id: ID!) { importJob(id: $id) { status succeeded failed } }`, { id }))[
        "importJob"
      ],
    ({ status }) => status !== "RUNNING",
    { timeoutMs: 600_000, intervalMs: 200, what: "the import" },
  );
}

/** Rows whose leads are all found by searching for `word`. */
export function contactRows(word: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `Company ${index},Person ${index},${word}${index}@load.example`);
}
