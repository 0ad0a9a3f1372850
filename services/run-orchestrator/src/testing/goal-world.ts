import {
  type CrmChange,
  type Definition,
  type Goals,
  type ItemOf,
  type MessageKind,
  NO_CAUSATION,
} from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { definition, NO_GOALS, task } from "../runs/definition-builder.ts";
import type { Run } from "../runs/model.ts";
import { changeOf } from "./fake-crm.ts";
import type { House } from "./house.ts";

export type Subject = { leadId: string; contactId: string; opportunityId?: string };

const id = (at = realClock.now()): string => newId(at);
const STARTED_BY = { kind: "USER", id: null, label: "Ada" } as const;

/** A task that is due on another day: its run stands and waits. */
export const waiting = (): Definition["places"][number]["step"][] => [
  task("later", { delay: { amount: 3, unit: "DAY" } }),
];

/** What tests of goals make in a house: workflows, leads and runs. */
export function goalWorld(house: House) {
  const { organizationId } = house;
  return {
    workflow: (goals: Partial<Goals>, steps = waiting()): Definition =>
      house.definitions.put(
        definition(steps as Parameters<typeof definition>[0], {
          organizationId,
          workflowId: id(),
          goals: { ...NO_GOALS, ...goals },
        }),
      ),
    /** The contacts of a new lead. */
    lead: (contacts = 1): Subject[] => {
      const { leadId, contactIds } = house.crm.addLead(organizationId, "Lead", contacts);
      return contactIds.map((contactId) => ({ leadId, contactId }));
    },
    start: (workflow: Definition, subjects: readonly Subject[]): Promise<Run[]> => {
      const { workflowId } = workflow;
      const how = {
        ordinal: 1,
        startedBy: STARTED_BY,
        enrollingUserId: null,
        event: null,
        depth: 0,
        chosenAccountIds: [],
      };
      const starts = subjects.map((subject) => ({
        id: id(),
        organizationId,
        workflowId,
        opportunityId: null,
        ...how,
        ...subject,
      }));
      return house.committer.commit((unit) => house.first.engine.startRuns(unit, starts, workflow));
    },
    tell: <K extends MessageKind>(kind: K, ...items: ItemOf<K>[]): Promise<void> =>
      house.committer.commit(async (unit) => unit.tell({ kind, organizationId, items })),
    runOf: async ({ _id }: Pick<Run, "_id">): Promise<Run> => (await house.runs.tenant.findOne(house.scope, { _id }))!,
  };
}

const happening = (at = realClock.now()) => {
  const actor = { kind: "SYSTEM", id: null, label: "Mail" } as const;
  return { key: id(at), at, actor, causation: NO_CAUSATION };
};

export function replyOf(about: Partial<ItemOf<"messageReceived">>, at?: Date): ItemOf<"messageReceived"> {
  return {
    ...happening(at),
    ...{ messageId: id(), channel: "EMAIL", leadId: null, contactId: null, replyToRunId: null, subject: null },
    ...{ autoReply: false, holdUntilDate: null },
    ...about,
  };
}

export function callOf(contactId: string, direction: "INBOUND" | "OUTBOUND"): ItemOf<"callEnded"> {
  return {
    ...happening(),
    ...{ callId: id(), leadId: null, contactId, userId: null, direction, status: "COMPLETED" },
    ...{ outcome: null, durationSeconds: 5 },
  };
}

export function meetingOf(leadId: string, contactId: string | null): ItemOf<"activityRecorded"> {
  return { ...happening(), activityId: id(), kind: "MEETING_BOOKED", leadId, contactId, userId: null, data: {} };
}

export function statusOf(object: CrmChange["object"], ids: { id: string; leadId: string }, status: string): CrmChange {
  return changeOf(object, "UPDATED", ids, { before: { status: "new" }, after: { status } });
}
