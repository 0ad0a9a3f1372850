import type { GraphClient } from "../stack/graph-client.ts";
import type { MailLedger } from "../stack/mail-ledger.ts";

type Delay = { amount: number; unit: "MINUTE" | "HOUR" };
type StepSeen = {
  id: string;
  kind: string;
  delay: Delay;
  description?: string;
  fields?: { value: string }[];
  template?: { id: string };
};
type Execution = {
  stepId: string;
  kind: string;
  status: string;
  revision: number | null;
  pendingSince: string;
  dueAt: string;
  startedAt: string | null;
  reason: { code: string } | null;
  changes: { after: unknown }[] | null;
  task: { id: string; description: string; status: string } | null;
  message: {
    status: string;
    providerMessageId: string | null;
    subject: string;
    template: { id: string } | null;
  } | null;
};
type RunSeen = {
  id: string;
  status: string;
  reason: { code: string } | null;
  contact: { emails: { address: string }[] };
  executions: Execution[];
};

const RUNS = `query($id: ID!, $after: String) { workflow(id: $id) { runs(first: 100, after: $after) {
  nodes { id status reason { code } contact { emails { address } } executions {
    stepId kind status revision pendingSince dueAt startedAt reason { code } changes
    task { id description status } message { status providerMessageId subject template { id } } } }
  pageInfo { hasNextPage endCursor } } } }`;
const STEPS = `steps { id kind delay { amount unit } ... on TaskStep { description } ... on UpdateLeadStep { fields { value } }
  ... on EmailStep { template { id } } }`;
const REVISIONS = `query($id: ID!, $after: String) { workflow(id: $id) { revisions(first: 100, after: $after) {
  nodes { number ${STEPS} } pageInfo { hasNextPage endCursor } } } }`;

export const runsOf = (graph: GraphClient, id: string): Promise<RunSeen[]> => pages(graph, RUNS, "runs", id);

/** The steps of every revision, by its number. */
export async function revisionsOf(graph: GraphClient, id: string): Promise<Map<number, StepSeen[]>> {
  const revisions = await pages<{ number: number; steps: StepSeen[] }>(graph, REVISIONS, "revisions", id);
  return new Map(revisions.map(({ number, steps }) => [number, steps]));
}

/** What is wrong with waiting steps, held against the newest revision (EDIT-2, EDIT-3). */
export function faultsOfWaiting(runs: readonly RunSeen[], newest: readonly StepSeen[], now: Date): string[] {
  return runs.flatMap(({ id, status, executions }) => {
    const current = executions.at(-1);
    if (status !== "ACTIVE" || current?.status !== "PENDING") return [];
    const step = newest.find((candidate) => candidate.id === current.stepId);
    if (!step) return [`${id} waits for a step that is gone`];
    const end = new Date(current.pendingSince).getTime() + minutesOf(step.delay) * 60_000;
    if (end <= now.getTime()) return [`${id} still waits for a step that was due ${new Date(end).toISOString()}`];
    return end === new Date(current.dueAt).getTime()
      ? []
      : [`${id} is due ${current.dueAt}, not ${new Date(end).toISOString()}`];
  });
}

/** What is wrong with runs that are over, held against the revisions and the mail server's own notes. */
export function faultsOfEnded(
  runs: readonly RunSeen[],
  revisions: ReadonlyMap<number, readonly StepSeen[]>,
  ledger: MailLedger,
): string[] {
  const faults: string[] = [];
  const sent = new Map<string, string>();
  for (const run of runs) {
    if (run.status !== "FINISHED") faults.push(`${run.id} is ${run.status} ${run.reason?.code}`);
    const ids = run.executions.map(({ stepId }) => stepId);
    if (new Set(ids).size < ids.length) faults.push(`${run.id} had a step twice: ${ids.join(" ")}`);
    for (const execution of run.executions) {
      const fault = faultOf(execution, revisions);
      if (fault) faults.push(`${run.id} ${execution.stepId}: ${fault}`);
      const { message } = execution;
      if (message?.providerMessageId && message.status === "SENT") sent.set(message.providerMessageId, message.subject);
    }
  }
  const accepted = new Map(ledger.accepted.map(({ messageId, subject }) => [messageId, subject]));
  for (const [id, subject] of accepted)
    if (sent.get(id) !== subject) faults.push(`${id} "${subject}" was accepted, and no run has it so`);
  for (const id of sent.keys()) if (!accepted.has(id)) faults.push(`${id} counts as sent and never was`);
  if (accepted.size < ledger.accepted.length) faults.push("a message was sent twice");
  return faults;
}

function faultOf(execution: Execution, revisions: ReadonlyMap<number, readonly StepSeen[]>): string | null {
  const { status, reason, revision, task, message, changes } = execution;
  if (status === "CANCELED") {
    if (reason?.code !== "STEP_REMOVED") return `canceled for ${reason?.code}`;
    return task?.status === "COMPLETED" || message?.status === "SENT" ? "canceled, and yet it happened" : null;
  }
  if (status !== "DONE") return `${status} ${reason?.code}`;
  const step = revision === null ? undefined : revisions.get(revision)?.find(({ id }) => id === execution.stepId);
  if (!step) return `was done under revision ${revision}, which has no such step`;
  if (task && task.description !== step.description) return `"${task.description}" is not of revision ${revision}`;
  if (message && message.template?.id !== step.template?.id) return `another template than revision ${revision} has`;
  if (changes?.length && changes[0]!.after !== step.fields?.[0]?.value)
    return `wrote what revision ${revision} has not`;
  return null;
}

const minutesOf = ({ amount, unit }: Delay): number => amount * (unit === "HOUR" ? 60 : 1);

async function pages<T>(graph: GraphClient, query: string, field: string, id: string): Promise<T[]> {
  const nodes: T[] = [];
  let after: string | null = null;
  do {
    const data: Record<string, any> = await graph.data(query, { id, after });
    const page = data["workflow"][field];
    nodes.push(...page.nodes);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return nodes;
}
