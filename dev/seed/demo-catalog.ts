import type { Graph } from "./graph.ts";

const STATUSES = ["Potential", "Qualified", "Customer", "Bad fit"] as const;
const FIELDS = [
  { object: "LEAD", name: "Industry", type: "CHOICE", choices: ["Logistics", "Software", "Energy"] },
  { object: "LEAD", name: "Next step", type: "TEXT" },
] as const;

/** Lead statuses and custom fields of the demo; what is there by name is left as it is. */
export async function seedCatalog(graph: Graph): Promise<void> {
  const { leadStatuses, customFields } = await graph.query<{
    leadStatuses: { name: string }[];
    customFields: { name: string }[];
  }>("{ leadStatuses { name } customFields(object: LEAD) { name } }");

  for (const name of STATUSES.filter((wanted) => !leadStatuses.some((status) => status.name === wanted))) {
    await graph.change(
      "mutation ($name: String!) { createLeadStatus(name: $name) { leadStatus { id } userErrors { code message } } }",
      { name },
    );
  }
  for (const input of FIELDS.filter(({ name }) => !customFields.some((field) => field.name === name))) {
    await graph.change(
      `mutation ($input: CreateCustomFieldInput!) {
        createCustomField(input: $input) { customField { id } userErrors { code message } }
      }`,
      { input },
    );
  }
}
