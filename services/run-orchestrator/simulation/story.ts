import type { Exclusivity } from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import type { ZoneFacts } from "../src/runs/decide.ts";
import { EPOCH, idOf } from "../src/runs/definition-builder.ts";
import type { NewRun } from "../src/runs/new-run.ts";
import type { Random } from "./random.ts";
import { WorkflowStory } from "./workflow-story.ts";

const ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", null];
const HOUR_MS = 3_600_000;
export const ORGANIZATION = idOf("organization");

/** Who starts which workflow when, and for whom: all of it out of one seed. */
export class Story {
  readonly workflows: readonly WorkflowStory[];
  readonly contacts: readonly string[];
  readonly starts: { afterMs: number; start: NewRun }[];
  /** Of merged contacts, the one that survived. */
  readonly #survivors = new Map<string, string>();

  /** @param alone every start is for a contact of its own, so that no start stands in another's way. */
  constructor(random: Random, alone: boolean) {
    const group = !alone && random.chance(0.6);
    const exclusivity = (): Exclusivity | null =>
      group ? { group: "outreach", onConflict: random.pick(["SKIP", "REPLACE"] as const) } : null;
    this.workflows = ["first", "second"].map((name) => new WorkflowStory(name, exclusivity(), random.fork()));
    const count = random.between(2, 8);
    this.contacts = Array.from({ length: alone ? count : random.between(2, 5) }, (_, i) => idOf(`contact ${i}`));
    this.starts = Array.from({ length: count }, (_, i) => {
      const contactId = alone ? this.contacts[i]! : random.pick(this.contacts);
      const { workflowId } = random.pick(this.workflows).definition;
      return { afterMs: random.between(0, (alone ? 6 : 30) * HOUR_MS), start: startOf(i, workflowId, contactId) };
    });
  }

  workflow(workflowId: string): WorkflowStory {
    return this.workflows.find(({ definition }) => definition.workflowId === workflowId)!;
  }

  merge(from: string, into: string): void {
    this.#survivors.set(from, into);
  }

  survivorOf(contactId: string): string {
    const into = this.#survivors.get(contactId);
    return into === undefined ? contactId : this.survivorOf(into);
  }

  /** A contact's zone hangs on the contact alone. */
  contactOf(contactId: string): ZoneFacts {
    return { timeZone: ZONES[contactId.charCodeAt(25) % ZONES.length] ?? null, phones: [] };
  }
}

function startOf(number: number, workflowId: string, contactId: string): NewRun {
  return {
    id: derivedId(EPOCH, `run ${number}`),
    organizationId: ORGANIZATION,
    workflowId,
    leadId: idOf(`lead of ${contactId}`),
    contactId,
    opportunityId: null,
    ordinal: 1,
    startedBy: { kind: "USER", id: idOf("user"), label: "Ada" },
    enrollingUserId: null,
    event: null,
    depth: 0,
    chosenAccountIds: [],
  };
}
