import type { Actor, Definition, StepResult } from "@cadenza/contracts";
import { commandKey } from "./commands.ts";
import { type Decision, decide, type Facts, type Input, type RunCommand } from "./decide.ts";
import { EPOCH, idOf, newRun } from "./definition-builder.ts";
import { currentExecution, type Run, type StepExecution } from "./model.ts";

export const ADA: Actor = { kind: "USER", id: idOf("user"), label: "Ada" };

/** One run on its way, for tests: it has a clock, a definition that may be edited, and what it told. */
export class RunWalk {
  run: Run;
  definition: Definition;
  facts: Facts = { workflowStatus: "ACTIVE" };
  now: Date;
  readonly commands: RunCommand[] = [];

  constructor(definition: Definition, at: Date | string = EPOCH) {
    this.now = new Date(at);
    this.definition = definition;
    this.run = newRun("run", this.now);
    this.apply({ kind: "start" });
  }

  apply(input: Input): Decision {
    const decision = decide(this.run, this.definition, this.facts, input, this.now);
    if (decision.kind === "moved") {
      this.run = decision.run;
      this.commands.push(...decision.commands);
    }
    return decision;
  }

  /** Lets the time pass until `at` and looks at the run then. */
  tickAt(at: Date | string): Decision {
    this.now = new Date(at);
    return this.apply({ kind: "tick" });
  }

  after(minutes: number): Decision {
    return this.tickAt(new Date(this.now.getTime() + minutes * 60_000));
  }

  edit(next: Definition): Decision {
    this.definition = { ...next, revision: this.definition.revision + 1 };
    return this.apply({ kind: "definitionChanged" });
  }

  answer(outcome: StepResult["outcome"], overrides: Partial<StepResult> = {}): Decision {
    const execution = this.current();
    return this.apply({ kind: "stepResult", result: { ...this.resultOf(execution), outcome, ...overrides } });
  }

  resultOf({ stepId, attempt }: StepExecution): StepResult {
    const runId = this.run._id;
    const key = commandKey(runId, stepId, attempt);
    return {
      key,
      runId,
      stepId,
      attempt,
      outcome: "DONE",
      reason: null,
      messageId: null,
      taskId: null,
      changes: null,
      at: this.now,
    };
  }

  current(): StepExecution {
    const current = currentExecution(this.run);
    if (!current) throw new Error("The run stands at no step.");
    return current;
  }

  /** What a user sees of the executions: name, status, reason. */
  seen(): string[] {
    return this.run.executions.map(({ name, status, reason }) =>
      [name, status, ...(reason ? [reason.code] : [])].join(" "),
    );
  }

  told(): string[] {
    return this.commands.map(({ kind, item }) => `${kind} ${item.key.replace(this.run._id, "run")}`);
  }
}
