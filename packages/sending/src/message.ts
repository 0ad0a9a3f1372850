import type { Reason, Schedule } from "@cadenza/contracts";
import type { Binary, IndexDefinition, TenantDocument } from "@cadenza/storage";

export const MESSAGES_COLLECTION = "messages";

export const CHANNELS = ["EMAIL"] as const;
export type Channel = (typeof CHANNELS)[number];

/**
 * Where a message stands. Open: QUEUED (waits for the dispatcher), SENDING (handed to the provider, no outcome on record).
 * UNKNOWN_OUTCOME is never sent again; a person resolves it (SND-3). The others are final.
 */
export const MESSAGE_STATUSES = [
  "QUEUED",
  "SENDING",
  "SENT",
  "DELIVERED",
  "BOUNCED",
  "FAILED",
  "CANCELED",
  "UNKNOWN_OUTCOME",
] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/** The run's step that a message is the effect of. `key` is the command's: `runId:stepId:attempt`. */
export type MessageStep = { key: string; runId: string; stepId: string; attempt: number };

/** RFC 5321 sender and recipient: bare addresses. */
export type MailEnvelope = { from: string; to: string };

/**
 * One message from the moment it is rendered to its outcome. Communications writes it as QUEUED and may cancel it while it
 * is; from SENDING on it is the dispatcher's. Every write names the `version` it read and adds one to it.
 */
export type MessageDocument = TenantDocument & {
  version: number;
  createdAt: Date;
  updatedAt: Date;
  channel: Channel;
  direction: "OUTBOUND";
  status: MessageStatus;
  /** Why it is as it is: what holds it while QUEUED, what ended it afterwards. */
  reason: Reason | null;
  accountId: string;
  /** Of the account (see `sendingShard`): which dispatcher owns it. */
  shard: number;
  senderId: string;
  leadId: string;
  contactId: string;
  templateId: string | null;
  runId: string | null;
  /** Null for a message that a person sent: it knows no schedule, but the account's limits hold. */
  step: MessageStep | null;
  /** As the recipient sees it: `"Ada Lovelace" <ada@example.com>`. */
  from: string;
  /** The bare address, as given. */
  to: string;
  /** `to` in lower case: what suppressions are matched with. */
  toKey: string;
  subject: string | null;
  /** Rendered HTML. */
  body: string;
  /** The whole RFC 5322 message, stored once; these bytes are what is sent on every attempt (SND-2). `raw.buffer` is the Buffer. */
  raw: Binary;
  envelope: MailEnvelope;
  /** `<…@domain>`: the idempotency key for the life of the message. */
  messageIdHeader: string;
  /** When it became due; messages of an account leave in this order. */
  dueAt: Date;
  /** Not to be tried before: the next window, or when a limit has room again. */
  notBefore: Date | null;
  /** Windows that hold at the moment of sending (SCH-7), read in `zone`; null sends at any time. */
  schedule: Schedule | null;
  /** IANA zone that the schedule's local times are read in: looked up when the step was processed (SCH-1). */
  zone: string | null;
  queuedAt: Date;
  /** What holds it, as its run was told last; null where the run knows of nothing. */
  toldHold?: { code: string; until: Date | null } | null;
  /**
   * It is to be taken back, said while it was SENDING: should it come back, it ends instead of being tried again. Written
   * without a new version, so that the outcome of what is under way does not lose.
   */
  withdrawn?: Reason | null;
  /** How often the provider was asked. */
  attempts: number;
  /** After a refusal for now: when it is tried again. */
  nextAttemptAt: Date | null;
  /** Since when the provider has refused it for now; after a day of that it fails. */
  deferredSince?: Date | null;
  /** W3C trace context of the step that prepared it, so that a trace reaches the provider. */
  traceparent?: string | null;
  /** Since when, and under which lease epoch, it has been SENDING. */
  sendingSince: Date | null;
  sendingEpoch: number | null;
  /** When the provider accepted it: what the limits count. */
  sentAt: Date | null;
  deliveredAt: Date | null;
  providerMessageId: string | null;
};

/** Statuses that still want something from the dispatcher. */
export const OPEN_MESSAGE_STATUSES = ["QUEUED", "SENDING"] as const satisfies readonly MessageStatus[];

/** Few at any time: what is queued, and is held as its run knows it. */
export const TOLD_HOLDS_INDEX = "toldHolds";

/** Refuses a second message for one step's attempt (RUN-4). */
export const MESSAGE_STEP_INDEX = "stepKey";

const open = { status: { $in: [...OPEN_MESSAGE_STATUSES] } };

export const MESSAGE_INDEXES: IndexDefinition[] = [
  {
    collection: MESSAGES_COLLECTION,
    key: { "step.key": 1 },
    options: {
      name: MESSAGE_STEP_INDEX,
      unique: true,
      partialFilterExpression: { "step.key": { $type: "string" } },
    },
  },
  {
    collection: MESSAGES_COLLECTION,
    // What is held comes in the order it is let go, all else in due order.
    key: { shard: 1, status: 1, accountId: 1, notBefore: 1, dueAt: 1, _id: 1 },
    options: {
      name: "queue",
      partialFilterExpression: { status: { $in: [...OPEN_MESSAGE_STATUSES, "UNKNOWN_OUTCOME"] } },
    },
  },
  {
    collection: MESSAGES_COLLECTION,
    key: { shard: 1, accountId: 1 },
    options: {
      name: TOLD_HOLDS_INDEX,
      partialFilterExpression: { status: "QUEUED", "toldHold.code": { $type: "string" } },
    },
  },
  {
    collection: MESSAGES_COLLECTION,
    key: { organizationId: 1, toKey: 1 },
    options: { name: "openByAddress", partialFilterExpression: open },
  },
  // The ledger of limits, loaded at take-over of a shard.
  {
    collection: MESSAGES_COLLECTION,
    key: { shard: 1, sentAt: 1, accountId: 1 },
    options: { name: "ledger", partialFilterExpression: { sentAt: { $type: "date" } } },
  },
  {
    collection: MESSAGES_COLLECTION,
    key: { organizationId: 1, accountId: 1, sentAt: 1 },
    options: { name: "usage", partialFilterExpression: { sentAt: { $type: "date" } } },
  },
  { collection: MESSAGES_COLLECTION, key: { organizationId: 1, _id: -1 }, options: { name: "newest" } },
  { collection: MESSAGES_COLLECTION, key: { organizationId: 1, leadId: 1, _id: -1 }, options: { name: "ofLead" } },
  {
    collection: MESSAGES_COLLECTION,
    key: { organizationId: 1, contactId: 1, _id: -1 },
    options: { name: "ofContact" },
  },
  {
    collection: MESSAGES_COLLECTION,
    key: { organizationId: 1, runId: 1, _id: -1 },
    options: { name: "ofRun", partialFilterExpression: { runId: { $type: "string" } } },
  },
];
