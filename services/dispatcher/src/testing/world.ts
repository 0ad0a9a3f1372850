import { randomUUID } from "node:crypto";
import type { Schedule, StepResult } from "@cadenza/contracts";
import { connectBus, createCommitter, ensureStreams } from "@cadenza/messaging";
import { type Clock, createLogger, derivedId, Metrics, newId } from "@cadenza/platform";
import {
  addressKey,
  DISPATCHER_WAKE,
  EMAIL_ACCOUNTS_COLLECTION,
  type EmailAccountDocument,
  type MessageDocument,
  MESSAGES_COLLECTION,
  SecretBox,
  SENDING_INDEXES,
  sendingShard,
  type SendingLimits,
  type SuppressionDocument,
  suppressionOf,
  SUPPRESSIONS_COLLECTION,
  wakeText,
} from "@cadenza/sending";
import { Binary, connectDatabase, ShardLeases } from "@cadenza/storage";
import { startNats, streamPrefix, TestClock, testDatabase, type TestSmtpServer } from "@cadenza/testkit";
import { Dispatcher, type DispatcherOptions } from "../dispatcher.ts";
import { SMTP_TIMEOUTS, type SmtpTimeouts } from "../providers/smtp/smtp-link.ts";
import { SmtpProvider } from "../providers/smtp/smtp-provider.ts";

const log = createLogger({ service: "test", level: "fatal" });
const secrets = new SecretBox([{ id: "1", key: Buffer.alloc(32, 7) }]);
const NO_LIMITS: SendingLimits = { perHour: null, per24Hours: null, minimumGapSeconds: 0 };

export type DispatcherSettings = Partial<Pick<DispatcherOptions, "unknownAfterMs" | "perAccount" | "perProcess">> & {
  timeouts?: Partial<SmtpTimeouts>;
  leaseMs?: number;
  renewMs?: number;
  /** Another way to the same MongoDB, such as a fault proxy. */
  mongoUrl?: string;
};
export type MessageSettings = Partial<Pick<MessageDocument, "dueAt" | "zone" | "step" | "to" | "notBefore">> & {
  schedule?: Schedule;
};

/** A dispatcher's surroundings: a database and a bus of its own, and a clock that stands still unless another is given. */
export async function startWorld(clock: Clock = new TestClock()) {
  const { url, name, drop } = await testDatabase("dispatcher");
  const database = await connectDatabase({ url, name, log });
  const bus = await connectBus({ url: (await startNats()).url, name: "test", log, namespace: streamPrefix() });
  await ensureStreams(bus, { replicas: 1 });
  await database.ensureIndexes(SENDING_INDEXES);
  const messages = database.system<MessageDocument>(MESSAGES_COLLECTION, "A test looks at everything it made.");
  const accounts = database.system<EmailAccountDocument>(
    EMAIL_ACCOUNTS_COLLECTION,
    "A test looks at everything it made.",
  );
  const suppressions = database.system<SuppressionDocument>(
    SUPPRESSIONS_COLLECTION,
    "A test looks at everything it made.",
  );
  const outbox = database.system<{ _id: string; body: string }>("outbox", "A test looks at everything it made.");
  const running: Dispatcher[] = [];
  const connections = [database];
  const underWay = new Set<Promise<unknown>>();
  let made = 0;

  return {
    clock,
    mongoUrl: url,
    messages,
    accounts,
    suppressions,

    async dispatcher(settings: DispatcherSettings = {}) {
      const { timeouts, leaseMs, renewMs, mongoUrl, ...rest } = settings;
      const own = mongoUrl ? await connectDatabase({ url: mongoUrl, name, log }) : database;
      if (own !== database) connections.push(own);
      const committer = createCommitter({ database: own, bus, clock, service: "dispatcher", log });
      const commit = committer.commit.bind(committer);
      committer.commit = (work) => {
        const committed = commit(work);
        underWay.add(committed);
        void committed.catch(() => undefined).finally(() => underWay.delete(committed));
        return committed;
      };
      const provider = new SmtpProvider({
        secrets,
        allowPrivateNetworks: true,
        timeouts: { ...SMTP_TIMEOUTS, ...timeouts },
      });
      const leases = new ShardLeases({
        database: own,
        group: "dispatcher",
        holder: randomUUID(),
        log,
        ...(leaseMs ? { leaseMs } : {}),
        ...(renewMs ? { renewMs } : {}),
      });
      const metrics = new Metrics({ service: "dispatcher" });
      const dispatcher = new Dispatcher({
        committer,
        leases,
        provider,
        log,
        metrics,
        unknownAfterMs: 60_000,
        lookEveryMs: 100,
        ...rest,
      });
      await dispatcher.start();
      running.push(dispatcher);
      return { dispatcher, leases };
    },

    /** An account of an organization of its own, unless one is given. */
    async account(
      smtp: Pick<TestSmtpServer, "port">,
      options: { limits?: Partial<SendingLimits>; organizationId?: string } = {},
    ) {
      const now = clock.now();
      const organizationId = options.organizationId ?? newId(now);
      const address = `ada${made++}@sender.example`;
      const account: EmailAccountDocument = {
        _id: newId(now),
        organizationId,
        version: 1,
        createdAt: now,
        updatedAt: now,
        ownerId: newId(now),
        address,
        addressKey: address,
        displayName: null,
        status: "CONNECTED",
        statusReason: null,
        default: false,
        sendAsUserIds: [],
        limits: { ...NO_LIMITS, ...options.limits },
        shard: sendingShard(organizationId, address),
        smtp: { host: "127.0.0.1", port: smtp.port, security: "NONE", username: null, secret: null },
      };
      await accounts.insertOne(account);
      return account;
    },

    /** Queues `count` messages of steps, as communications would, and wakes the dispatchers. */
    async queue(account: EmailAccountDocument, count = 1, settings: MessageSettings = {}) {
      const queued = Array.from({ length: count }, () => messageOf(account, clock.now(), made++, settings));
      await messages.insertMany(queued);
      bus.publishCore(DISPATCHER_WAKE, wakeText([account.shard]));
      return queued;
    },

    async suppress(message: MessageDocument) {
      const { organizationId, channel, to } = message;
      const reason = { code: "UNSUBSCRIBED" as const, message: "The recipient has unsubscribed." };
      await suppressions.insertOne(suppressionOf({ organizationId, channel, address: to, reason, at: clock.now() }));
    },

    seal: (password: string, account: EmailAccountDocument) => secrets.seal(password, account._id),
    wake: (account: EmailAccountDocument) => bus.publishCore(DISPATCHER_WAKE, wakeText([account.shard])),
    message: async ({ _id }: Pick<MessageDocument, "_id">) => (await messages.findOne({ _id }))!,
    countOf: (status: MessageDocument["status"]) => messages.countDocuments({ status }),

    /** What the engine is told, in order. */
    async stepResults(): Promise<StepResult[]> {
      const entries = await outbox.find({}, { sort: { _id: 1 } }).toArray();
      return entries.flatMap(({ body }) => (JSON.parse(body) as { items: StepResult[] }).items);
    },

    async [Symbol.asyncDispose]() {
      for (const dispatcher of running) dispatcher.abandon();
      // A transaction that loses its connection stays open on the server for a minute, and keeps the database from being dropped.
      while (underWay.size > 0) await Promise.allSettled(underWay);
      await bus.close();
      await Promise.all(connections.map((connection) => connection.close()));
      await drop();
    },
  };
}

function messageOf(
  account: EmailAccountDocument,
  now: Date,
  number: number,
  settings: MessageSettings,
): MessageDocument {
  const runId = derivedId(now, "run", account._id, String(number));
  const stepId = derivedId(now, "step", account._id);
  const to = settings.to ?? `grace${number}@recipient.example`;
  const messageIdHeader = `<${runId}@sender.example>`;
  const lines = [
    `From: ${account.address}`,
    `To: ${to}`,
    `Subject: Hello ${number}`,
    `Message-ID: ${messageIdHeader}`,
    "",
    "Text",
    "",
  ];
  return {
    // In the order of queueing: ids of one millisecond are in no order.
    _id: derivedId(new Date(now.getTime() + number), "message", runId),
    organizationId: account.organizationId,
    version: 1,
    createdAt: now,
    updatedAt: now,
    channel: "EMAIL",
    direction: "OUTBOUND",
    status: "QUEUED",
    reason: null,
    accountId: account._id,
    shard: account.shard,
    senderId: account.ownerId,
    leadId: newId(now),
    contactId: newId(now),
    templateId: null,
    runId,
    step: settings.step === undefined ? { key: `${runId}:${stepId}:1`, runId, stepId, attempt: 1 } : settings.step,
    from: account.address,
    to,
    toKey: addressKey(to),
    subject: `Hello ${number}`,
    body: "Text",
    raw: new Binary(Buffer.from(lines.join("\r\n"))),
    envelope: { from: account.address, to },
    messageIdHeader,
    dueAt: settings.dueAt ?? now,
    notBefore: settings.notBefore ?? null,
    schedule: settings.schedule ?? null,
    zone: settings.zone ?? null,
    queuedAt: now,
    attempts: 0,
    nextAttemptAt: null,
    sendingSince: null,
    sendingEpoch: null,
    sentAt: null,
    deliveredAt: null,
    providerMessageId: null,
  };
}
