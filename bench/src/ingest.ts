import { createWorkflow, type Stack, until, updateStep } from "@cadenza/e2e";
import { importContacts } from "./import-contacts.ts";

export type Ingest = {
  events: number;
  workflows: number;
  seconds: number;
  eventsPerSecond: number;
  importSeconds: number;
};

const WORKFLOWS = 50;
/** One lead in so many starts a run. */
const ONE_IN = 500;
/** Each row makes a lead and a contact. */
const EVENTS_OF_ROW = 2;

/** PERF-6: an import's events against fifty event workflows of five conditions each, until the last run they start is there. */
export async function ingest(stack: Stack, options: { rows: number }): Promise<Ingest> {
  const graph = stack.as("Demo");
  const { rows } = options;
  const test = (path: string, op: string, value?: unknown) => ({ test: { path, op, value } });
  const workflows = await Promise.all(
    Array.from({ length: WORKFLOWS }, (_, index) =>
      createWorkflow(graph, {
        name: `Ingest ${index}`,
        trigger: {
          event: index % 2 ? "CONTACT_CREATED" : "LEAD_CREATED",
          conditions: {
            all: [
              test("lead.name", "CONTAINS", "Ingested"),
              test("lead.name", "CONTAINS", index === 0 ? "wanted" : `nobody ${index}`),
              test("lead.description", "IS_EMPTY"),
              test("contact.name", "IS_NOT_EMPTY"),
              test("lead.name", "NOT_CONTAINS", `never ${index}`),
            ],
          },
        },
        steps: [updateStep([{ field: "description", value: "ingested" }], { amount: 30, unit: "DAY" })],
      }),
    ),
  );
  const names = Array.from({ length: rows }, (_, i) => `Ingested ${i}${i % ONE_IN === ONE_IN - 1 ? " wanted" : ""}`);
  const expected = names.filter((name) => name.endsWith("wanted")).length;
  const startedAt = performance.now();
  await importContacts(stack, {
    key: `ingest-${rows}`,
    rows: names.map((name, i) => `${name},Person ${i},ingest${i}@load.example`),
  });
  const importSeconds = (performance.now() - startedAt) / 1000;
  await until(
    () => graph.data(`query($id: ID!) { workflow(id: $id) { runCounts { total } } }`, { id: workflows[0]!.id }),
    ({ workflow }) => workflow.runCounts.total >= expected,
    { timeoutMs: 300_000, intervalMs: 100, what: "the last run that the import starts" },
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const events = rows * EVENTS_OF_ROW;
  return { events, workflows: WORKFLOWS, seconds, eventsPerSecond: events / seconds, importSeconds };
}
