import { type Clock, type Logger, messageOf } from "@cadenza/platform";
import type { ChangingWorkflows } from "../engine/changing-workflows.ts";
import type { ContactSource } from "../engine/contacts.ts";
import type { CurrentDefinition, DefinitionSource } from "../engine/definitions.ts";
import type { ZoneFacts } from "../runs/decide.ts";
import type { Run } from "../runs/model.ts";
import { type ShownRun, shownUnder } from "../runs/shown-under.ts";

export type ShownRunsOptions = {
  changing: Pick<ChangingWorkflows, "has" | "changedAt">;
  definitions: Pick<DefinitionSource, "current">;
  contacts: ContactSource;
  clock: Clock;
  log: Pick<Logger, "debug">;
};

type Newest = ReadonlyMap<string, CurrentDefinition>;

/** While an edit is on its way to a workflow's runs, they are shown as it will have them (EDIT-3, PERF-5). Writes nothing. */
export class ShownRuns {
  readonly #options: ShownRunsOptions;

  constructor(options: ShownRunsOptions) {
    this.#options = options;
  }

  /** Whether an edit of its workflow may not have come to the run yet. */
  isBehind({ workflowId }: Pick<Run, "workflowId">): boolean {
    return this.#options.changing.has(workflowId);
  }

  /** In their order. What cannot be found out now is shown as it is stored. */
  async all(runs: readonly Run[]): Promise<Run[]> {
    const { definitions, clock } = this.#options;
    const newest = await this.#orNothing(() => definitions.current(runs));
    const now = clock.now();
    const shown = runs.map((run) => this.#show(run, newest, now));
    const zones = await this.#zonesOf(runs.filter((_, i) => shown[i]!.wantsContact));
    return runs.map((run, i) => {
      const zone = zones.get(run._id);
      return zone === undefined ? shown[i]!.run : this.#show(run, newest, now, { contact: zone }).run;
    });
  }

  async #zonesOf(runs: readonly Run[]): Promise<ReadonlyMap<string, ZoneFacts | null>> {
    return runs.length === 0 ? new Map() : this.#orNothing(() => this.#options.contacts.zonesOf(runs));
  }

  #show(run: Run, newest: Newest, now: Date, known: { contact?: ZoneFacts | null } = {}): ShownRun {
    const { changing, log } = this.#options;
    const current = newest.get(run.workflowId);
    if (!current) return { run, wantsContact: false };
    const { definition, status: workflowStatus } = current;
    const at = changing.changedAt(run.workflowId);
    try {
      return shownUnder(run, { definition, facts: { workflowStatus, ...known }, at }, now);
    } catch (error) {
      log.debug({ runId: run._id, reason: messageOf(error) }, "What an edit makes of a run could not be shown.");
      return { run, wantsContact: false };
    }
  }

  /** Another service that is away makes no read fail. */
  async #orNothing<T>(ask: () => Promise<Map<string, T>>): Promise<Map<string, T>> {
    try {
      return await ask();
    } catch (error) {
      this.#options.log.debug({ reason: messageOf(error) }, "Runs are shown as they were before an edit.");
      return new Map();
    }
  }
}
