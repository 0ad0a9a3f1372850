import type { GraphClient } from "../stack/graph-client.ts";
import { emailStep, taskStep, updateStep } from "../stack/world.ts";

/** A number in [0, 1), the same from the same seed. */
type Random = () => number;

type SeenStep = { id: string; kind: "EMAIL" | "TASK" | "UPDATE_LEAD" };
type Payload = { workflow: { revision: number; steps: SeenStep[] } | null; userErrors: { code: string }[] };
type Save = { mutation: string; types: string; variables: Record<string, unknown> };

const FIELDS = "workflow { revision steps { id kind } } userErrors { code message path }";
const DELAYS = [
  { amount: 0, unit: "MINUTE" },
  { amount: 1, unit: "HOUR" },
  { amount: 2, unit: "HOUR" },
  { amount: 5, unit: "HOUR" },
];
const FEWEST_STEPS = 6;
const MOST_STEPS = 10;

type EditorOptions = { graph: GraphClient; workflowId: string; templateIds: readonly string[]; random: Random };

/** Someone who saves one change after another, by the revision that they saw last. */
export class Editor {
  saved = 0;
  conflicts = 0;
  /** Second saves of the same that made a revision all the same. */
  readonly needless: number[] = [];
  readonly #options: EditorOptions;
  #revision = 0;
  #steps: SeenStep[] = [];
  #marks = 0;

  constructor(options: EditorOptions) {
    this.#options = options;
  }

  async edit(times: number): Promise<void> {
    for (let i = 0; i < times; i++) await this.editOnce();
  }

  async editOnce(): Promise<void> {
    if (this.#revision === 0) await this.#read();
    const save = this.#nextSave();
    if (!(await this.#make(save)) || save.mutation !== "updateStep") return;
    const revision = this.#revision;
    if ((await this.#make(save)) && this.#revision !== revision) this.needless.push(this.#revision);
  }

  /** Takes a step out, whatever others have saved meanwhile. */
  async remove(stepId: string): Promise<void> {
    const removal = { mutation: "removeStep", types: "$stepId: ID!", variables: { stepId } };
    while (!(await this.#make(removal)));
  }

  #nextSave(): Save {
    const kind = this.#pick(["update", "update", "update", "add", "move", "remove", "restore", "batch"] as const);
    const step = this.#pick(this.#steps);
    const position = Math.floor(this.#options.random() * this.#steps.length);
    if (kind === "add" && this.#steps.length < MOST_STEPS)
      return save("addStep", "$step: StepInput!, $position: Int", { step: this.#settings(this.#newKind()), position });
    if (kind === "move") return save("moveStep", "$stepId: ID!, $position: Int!", { stepId: step.id, position });
    if (kind === "remove" && this.#steps.length > FEWEST_STEPS)
      return save("removeStep", "$stepId: ID!", { stepId: step.id });
    if (kind === "restore" && this.#revision > 1)
      return save("restoreRevision", "$number: Int!", {
        number: Math.max(1, this.#revision - Math.floor(this.#options.random() * 10)),
      });
    if (kind === "batch") {
      const move = { stepId: step.id, position };
      const update = { stepId: this.#pick(this.#steps).id };
      const of = this.#steps.find(({ id }) => id === update.stepId)!;
      return save("editSteps", "$edits: [StepEditInput!]!", {
        edits: [{ move }, { update: { ...update, step: this.#settings(of.kind) } }],
      });
    }
    return save("updateStep", "$stepId: ID!, $step: StepInput!", { stepId: step.id, step: this.#settings(step.kind) });
  }

  /** Settings that stand in no other revision, so that it shows which one was used. */
  #settings(kind: SeenStep["kind"]): Record<string, unknown> {
    const mark = `${Math.floor(this.#options.random() * 1e6)}-${++this.#marks}`;
    const delay = this.#pick(DELAYS);
    if (kind === "EMAIL") return emailStep(this.#pick(this.#options.templateIds), delay);
    if (kind === "TASK") return taskStep(delay, `task ${mark}`);
    return updateStep([{ field: "description", value: `update ${mark}` }], delay);
  }

  #newKind(): SeenStep["kind"] {
    return this.#pick(["TASK", "UPDATE_LEAD", "UPDATE_LEAD", "EMAIL"] as const);
  }

  /** @returns whether it was saved; if another was faster, what they saved is read. */
  async #make({ mutation, types, variables }: Save): Promise<boolean> {
    const { graph, workflowId } = this.#options;
    const given = Object.keys(variables).map((name) => `${name}: $${name}`);
    const call = [`workflowId: $id`, `expectedRevision: $revision`, ...given].join(", ");
    const query = `mutation($id: ID!, $revision: Int!, ${types}) { ${mutation}(${call}) { ${FIELDS} } }`;
    const revision = this.#revision;
    const data = await graph.data<Record<string, Payload>>(query, { id: workflowId, revision, ...variables });
    const { workflow, userErrors } = data[mutation]!;
    const [fault] = userErrors;
    if (fault && fault.code !== "REVISION_CONFLICT") throw new Error(JSON.stringify({ mutation, variables, fault }));
    if (fault || !workflow) {
      this.conflicts++;
      await this.#read();
      return false;
    }
    this.saved++;
    this.#see(workflow);
    return true;
  }

  async #read(): Promise<void> {
    const { graph, workflowId } = this.#options;
    const { workflow } = await graph.data(`query($id: ID!) { workflow(id: $id) { revision steps { id kind } } }`, {
      id: workflowId,
    });
    this.#see(workflow);
  }

  #see({ revision, steps }: NonNullable<Payload["workflow"]>): void {
    this.#revision = revision;
    this.#steps = steps;
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#options.random() * from.length)]!;
  }
}

function save(mutation: string, types: string, variables: Record<string, unknown>): Save {
  return { mutation, types, variables };
}

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
