import { NO_CAUSATION } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { isDuplicateKey } from "@cadenza/storage";
import { inputHash } from "@cadenza/subgraph";
import type { Caller, CrmTransaction, CrmWriter } from "../changes/crm-writer.ts";
import type { LeadStore } from "../leads/store.ts";
import type { UserStore } from "../users/store.ts";
import { notFound, type Outcome, type Problem, problem } from "../values/problem.ts";
import { ACTIVITY_EXTERNAL_ID_INDEX, type Activity } from "./activity.ts";
import { readActivityData, readOccurredAt, type RecordActivityInput } from "./read-activity.ts";
import type { ActivityStore } from "./store.ts";

export type ActivityServiceParts = {
  writer: CrmWriter;
  leads: LeadStore;
  users: UserStore;
  activities: ActivityStore;
};

/** What happened outside (TRG-1): kept, and told to whoever waits for it. */
export class ActivityService {
  readonly #parts: ActivityServiceParts;

  constructor(parts: ActivityServiceParts) {
    this.#parts = parts;
  }

  /**
   * Once for an external id, however often it is told. The lead is not held: many forms may come in for one at a time, and
   * one that is merged or deleted in the same moment was there when it was told.
   * @returns the activity's id.
   * @throws BAD_USER_INPUT
   */
  async record(caller: Caller, input: RecordActivityInput): Promise<Outcome<string>> {
    const data = readActivityData(input);
    const work = (transaction: CrmTransaction) => this.#record(transaction, input, data);
    try {
      return await this.#parts.writer.commit(caller, work);
    } catch (error) {
      if (!isDuplicateKey(error, ACTIVITY_EXTERNAL_ID_INDEX)) throw error;
      // Another call with this id was faster: what it has committed answers this one.
      return this.#parts.writer.commit(caller, work);
    }
  }

  async #record(
    transaction: CrmTransaction,
    input: RecordActivityInput,
    data: Record<string, unknown>,
  ): Promise<string> {
    const { scope, session, at, origin } = transaction;
    const { activities } = this.#parts;
    const { kind, leadId, externalId } = input;
    const [contactId, userId] = [input.contactId ?? null, input.userId ?? null];
    const given = inputHash({ kind, leadId, contactId, userId, data, occurredAt: input.occurredAt ?? null });
    const known = await activities.findByExternalId(scope, externalId, session);
    if (known?.inputHash === given) return known._id;
    if (known) {
      const message = "This external id was used with another input.";
      return transaction.refuse(problem("IDEMPOTENCY_KEY_REUSED", message, ["input", "externalId"]));
    }

    const problems: Problem[] = [];
    await this.#checkSubjects(transaction, { leadId, contactId, userId }, problems);
    const occurredAt = readOccurredAt(input.occurredAt, at, problems);
    transaction.refuseIf(problems);
    const about = { kind, leadId, contactId, userId, data };
    const { organizationId } = scope;
    const activity: Activity = {
      _id: newId(at),
      organizationId,
      ...about,
      externalId,
      inputHash: given,
      occurredAt,
      actor: origin.actor,
      version: 1,
      createdAt: at,
      updatedAt: at,
    };
    await activities.collection.insertMany(scope, [activity], session);
    const told = { key: activity._id, activityId: activity._id, ...about, actor: origin.actor };
    transaction.unit.tell({
      kind: "activityRecorded",
      organizationId,
      items: [{ ...told, causation: NO_CAUSATION, at }],
    });
    return activity._id;
  }

  async #checkSubjects(
    { scope, session }: CrmTransaction,
    { leadId, contactId, userId }: { leadId: string; contactId: string | null; userId: string | null },
    problems: Problem[],
  ): Promise<void> {
    const [lead] = await this.#parts.leads.findByIds(scope, [leadId], session);
    if (!lead) problems.push(notFound("lead", ["input", "leadId"]));
    else if (contactId !== null && !lead.contactIds.includes(contactId)) {
      problems.push(problem("NOT_FOUND", "The lead has no contact with this id.", ["input", "contactId"]));
    }
    if (userId === null) return;
    const [user] = await this.#parts.users.findByIds(scope, [userId], session);
    if (!user) problems.push(notFound("user", ["input", "userId"]));
    else if (user.status !== "ACTIVE") {
      problems.push(problem("USER_DEACTIVATED", "This user is deactivated.", ["input", "userId"]));
    }
  }
}
