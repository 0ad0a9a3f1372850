import { type MessageDocument, MESSAGES_COLLECTION } from "@cadenza/sending";
import type { Database, OrganizationScope, TenantCollection } from "@cadenza/storage";
import type { SendingCount } from "../preparation/choose-account.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How much of their limits accounts have used. */
export class SendingUsage {
  readonly #messages: TenantCollection<MessageDocument>;

  constructor(database: Database) {
    this.#messages = database.tenant(MESSAGES_COLLECTION);
  }

  /** By account; those that have nothing to count are left out. */
  async of(scope: OrganizationScope, accountIds: readonly string[], at: Date): Promise<Map<string, SendingCount>> {
    if (accountIds.length === 0) return new Map();
    const accountId = { $in: [...accountIds] };
    const hourAgo = new Date(at.getTime() - HOUR_MS);
    const dayAgo = new Date(at.getTime() - DAY_MS);
    const [sent, queued] = await Promise.all([
      this.#messages.aggregate<{ _id: string; lastHour: number; last24Hours: number }>(scope, [
        { $match: { accountId, sentAt: { $gt: dayAgo } } },
        {
          $group: {
            _id: "$accountId",
            last24Hours: { $sum: 1 },
            lastHour: { $sum: { $cond: [{ $gt: ["$sentAt", hourAgo] }, 1, 0] } },
          },
        },
      ]),
      this.#messages.aggregate<{ _id: string; queued: number }>(scope, [
        { $match: { shard: { $gte: 0 }, status: { $in: ["QUEUED", "SENDING"] }, accountId } },
        { $group: { _id: "$accountId", queued: { $sum: 1 } } },
      ]),
    ]);
    const counts = new Map<string, SendingCount>();
    for (const { _id, lastHour, last24Hours } of sent) counts.set(_id, { lastHour, last24Hours, queued: 0 });
    for (const { _id, queued: waiting } of queued) {
      counts.set(_id, { ...(counts.get(_id) ?? { lastHour: 0, last24Hours: 0 }), queued: waiting });
    }
    return counts;
  }
}
