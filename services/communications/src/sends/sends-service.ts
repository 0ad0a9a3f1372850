import type { SendsService } from "@cadenza/contracts";
import { type MessageDocument, MESSAGES_COLLECTION } from "@cadenza/sending";
import { type Collection, type Database, organizationScope } from "@cadenza/storage";
import { CallStore } from "../calls/store.ts";
import type { EmailPlanner } from "../preparation/email-planner.ts";
import { previewEmails } from "../preparation/preview-emails.ts";
import type { TemplateStore } from "../templates/store.ts";

/** What other services ask of sending, by gRPC. */
export function createSends(options: {
  database: Database;
  templates: TemplateStore;
  planner: EmailPlanner;
  /** After this a send without an answer is an unknown outcome (SND-3). */
  unknownAfterMs: number;
}): SendsService {
  const messages = options.database.system<MessageDocument>(
    MESSAGES_COLLECTION,
    "The stack's clock moves for all organizations at once: what is due is counted over all.",
  );
  const calls = new CallStore(options.database);
  return {
    checkTemplates: async ({ organizationId, templateIds }) => {
      const found = await options.templates.findByIds(organizationScope(organizationId), templateIds);
      const templates = found.flatMap((template) => template ?? []);
      return { templates: templates.map(({ _id, channel, shared }) => ({ id: _id, channel, shared })) };
    },
    findTemplates: async ({ organizationId, ids, names }) => {
      const scope = organizationScope(organizationId);
      const [byId, byName] = await Promise.all([
        options.templates.findByIds(scope, ids),
        options.templates.named(
          scope,
          names.map(({ name }) => name),
        ),
      ]);
      const channels = new Set(names.map(({ channel }) => channel));
      const found = [...byId, ...byName.filter(({ channel }) => channels.has(channel))].flatMap((each) => each ?? []);
      return {
        templates: [...new Map(found.map((each) => [each._id, each])).values()].map(
          ({ _id: id, channel, name, shared, ownerId }) => ({ id, channel, name, shared, ownerId }),
        ),
      };
    },
    getCalls: async ({ organizationId, callIds }) => {
      const found = await calls.findByIds(organizationScope(organizationId), callIds);
      return {
        calls: found.map(
          (call) =>
            call && {
              id: call._id,
              leadId: call.leadId,
              contactId: call.contactId,
              direction: call.direction,
              status: call.status,
            },
        ),
      };
    },
    previewEmails: (request) => previewEmails(options.planner, request),
    countDue: ({ before }) => countDue(messages, new Date(before), options.unknownAfterMs),
  };
}

/** A send that takes longer than this is in doubt; what comes next for it is its end as an unknown outcome. */
const IN_FLIGHT_MS = 3000;

/** Open messages whose time has come by `before`, and the next time after it. What waits for a person is not waited for. */
async function countDue(
  messages: Collection<MessageDocument>,
  before: Date,
  unknownAfterMs: number,
): Promise<{ due: number; nextAt: string | null }> {
  const [counted] = await messages
    .aggregate<{ due: number; nextAt: Date | null }>([
      // The shard brings the index of open messages into play.
      {
        $match: {
          shard: { $gte: 0 },
          status: { $in: ["QUEUED", "SENDING"] },
          "reason.code": { $ne: "ACCOUNT_PAUSED" },
        },
      },
      {
        $project: {
          inFlight: {
            $and: [
              { $eq: ["$status", "SENDING"] },
              { $gt: ["$sendingSince", new Date(before.getTime() - IN_FLIGHT_MS)] },
            ],
          },
          at: {
            $cond: [
              { $eq: ["$status", "SENDING"] },
              { $add: ["$sendingSince", unknownAfterMs] },
              { $max: ["$dueAt", "$notBefore", "$nextAttemptAt"] },
            ],
          },
        },
      },
      { $project: { at: 1, isDue: { $or: ["$inFlight", { $lte: ["$at", before] }] } } },
      {
        $group: {
          _id: null,
          due: { $sum: { $cond: ["$isDue", 1, 0] } },
          nextAt: { $min: { $cond: ["$isDue", null, "$at"] } },
        },
      },
    ])
    .toArray();
  return { due: counted?.due ?? 0, nextAt: counted?.nextAt?.toISOString() ?? null };
}
