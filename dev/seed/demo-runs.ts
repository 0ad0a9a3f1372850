import type { Graph } from "./graph.ts";

const WAITING = ["Alpenblick Software", "Solaris Energie", "Papierboot"] as const;
const PAUSED = "Meridian Freight";
const CANCELED = "Kranich Transporte";

const action = (name: "pauseRun" | "cancelRun") =>
  `mutation ($id: ID!) { ${name}(id: $id) { run { id } userErrors { code message } } }`;

/** Runs of "Welcome" in several states, for the lists to show. Nothing where it has runs already. */
export async function seedRuns(graph: Graph): Promise<void> {
  const { workflows, leads } = await graph.query<{
    workflows: { nodes: { id: string; name: string; status: string; runCounts: { total: number } }[] };
    leads: { nodes: { name: string; contacts: { id: string }[] }[] };
  }>(`{
    workflows(search: "Welcome") { nodes { id name status runCounts { total } } }
    leads(first: 50) { nodes { name contacts { id } } }
  }`);
  const workflow = workflows.nodes.find(({ name, status }) => name === "Welcome" && status === "ACTIVE");
  if (!workflow || workflow.runCounts.total > 0) return;

  const enroll = async (name: string): Promise<string | null> => {
    const contact = leads.nodes.find((lead) => lead.name === name)?.contacts[0];
    if (!contact) return null;
    const { run } = await graph.change<{ run: { id: string } }>(
      "mutation ($input: EnrollInput!) { enroll(input: $input) { run { id } userErrors { code message } } }",
      { input: { workflowId: workflow.id, contactId: contact.id, idempotencyKey: `seed-run-${contact.id}` } },
    );
    return run.id;
  };
  const [paused, canceled] = await Promise.all([PAUSED, CANCELED, ...WAITING].map(enroll));
  if (paused) await graph.change(action("pauseRun"), { id: paused });
  if (canceled) await graph.change(action("cancelRun"), { id: canceled });
}
