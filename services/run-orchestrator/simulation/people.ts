import { derivedId } from "@cadenza/platform";
import { commandKey } from "../src/runs/commands.ts";
import type { Input } from "../src/runs/decide.ts";
import { currentExecution, isClaimed, type Run } from "../src/runs/model.ts";
import type { EngineReplica } from "./engine-replica.ts";
import type { EventQueue } from "./event-queue.ts";
import type { MemoryDatabase } from "./memory-database.ts";
import type { Random } from "./random.ts";
import type { Receivers } from "./receivers.ts";
import { ORGANIZATION, type Story } from "./story.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** An event that nobody has acknowledged is delivered again. */
const REDELIVERY_MS = 30_000;
const ADA = { kind: "USER", id: null, label: "Ada" } as const;

export type PeopleOptions = {
  queue: EventQueue;
  story: Story;
  database: MemoryDatabase;
  receivers: Receivers;
  random: Random;
  anyReplica: () => EngineReplica;
};

/** What users do to workflows and runs, and what contacts do to users. */
export class People {
  readonly #options: PeopleOptions;

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  act(): void {
    const { random, database } = this.#options;
    const run = random.pick([...database.runs.values(), undefined]);
    if (!run || random.chance(0.35)) this.#edit();
    else if (random.chance(0.3)) this.putRight(run);
    else if (random.chance(0.5)) this.#hearFrom(this.#addressee() ?? run.contactId);
    else if (random.chance(0.15)) this.#merge();
    else void this.#options.anyReplica().act(run._id, this.#anyInput());
  }

  putAllRight(): void {
    for (const run of this.#options.database.runs.values()) this.putRight(run);
  }

  /** A careful person: a message of unknown outcome is looked into before it is tried again. */
  putRight(run: Run): void {
    const { receivers, anyReplica } = this.#options;
    if (run.status === "PAUSED") void anyReplica().act(run._id, { kind: "resume", actor: ADA });
    const current = currentExecution(run);
    if (run.status !== "ERROR" || !current) return;
    const mayRetry = current.attempt === 0 || receivers.resolve(commandKey(run._id, current.stepId, current.attempt));
    if (mayRetry) void anyReplica().act(run._id, { kind: "retry", actor: ADA }, current.attempt);
  }

  #anyInput(): Input {
    const call = { actor: ADA, callId: "call" };
    return this.#options.random.pick<Input>([
      { kind: "pause", actor: ADA },
      { kind: "resume", actor: ADA },
      { kind: "resume", actor: ADA },
      { kind: "skipStep", actor: ADA, stepId: null },
      { kind: "cancel", actor: ADA },
      { kind: "markResponded", ...call },
      { kind: "resumeFromCall", ...call },
    ]);
  }

  #edit(): void {
    const { random, story, database, anyReplica } = this.#options;
    const workflow = random.pick(story.workflows);
    if (random.chance(0.04)) workflow.status = workflow.status === "ACTIVE" ? "ARCHIVED" : "ACTIVE";
    else workflow.edit();
    const shown = [...database.runs.values()].filter(
      ({ workflowId }) => workflowId === workflow.definition.workflowId && random.chance(0.7),
    );
    if (shown.length > 0)
      void anyReplica().retime(
        shown.map(({ _id }) => _id),
        ORGANIZATION,
      );
  }

  /** Who answers has most often just been written to. */
  #addressee(): string | undefined {
    const { random, database } = this.#options;
    const addressed = [...database.runs.values()].filter((run) => {
      const current = currentExecution(run);
      return current?.kind === "EMAIL" && isClaimed(current);
    });
    return random.pick([...addressed, ...addressed, undefined])?.contactId;
  }

  /** A reply ends the runs of its contact; an auto-reply holds them. */
  #hearFrom(contactId: string): void {
    const { random, queue } = this.#options;
    const at = queue.now();
    const untilDate = new Date(at.getTime() + random.between(0, 3) * DAY_MS).toISOString().slice(0, 10);
    const sourceId = derivedId(at, "reply", contactId);
    if (random.chance(0.5)) queue.after(random.between(10, 60_000), () => this.#takeUpAgain(contactId));
    const input: Input = random.chance(0.4)
      ? { kind: "autoReply", untilDate }
      : { kind: "goalMet", goal: { code: "EMAIL_REPLY", statusId: null, sourceId, at } };
    this.#surely((replica, story) => replica.signal(sourceId, story.survivorOf(contactId), input));
  }

  /** Somebody finds that it was no answer, maybe before all of the house has heard of it. */
  #takeUpAgain(contactId: string): void {
    const { database, anyReplica } = this.#options;
    for (const run of database.runs.values())
      if (run.contactId === contactId && run.status === "GOAL_MET")
        void anyReplica().act(run._id, { kind: "resume", actor: ADA });
  }

  #merge(): void {
    const { random, story } = this.#options;
    const alive = story.contacts.filter((contactId) => story.survivorOf(contactId) === contactId);
    const from = random.pick(alive);
    const into = random.pick(alive);
    if (from === into) return;
    story.merge(from, into);
    this.#surely((replica) => replica.merge(from, story.survivorOf(into)));
  }

  /** Until it is acknowledged, and now and then once more. */
  #surely(deliver: (replica: EngineReplica, story: Story) => Promise<void>): void {
    const { queue, anyReplica, story, random } = this.#options;
    let left = random.chance(0.2) ? 2 : 1;
    const attempt = (): void => {
      if (left === 0) return;
      void deliver(anyReplica(), story).then(() => left--);
      queue.after(REDELIVERY_MS, attempt);
    };
    attempt();
  }
}
