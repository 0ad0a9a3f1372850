import { randomUUID } from "node:crypto";
import { connectBus, createCommitter, ensureStreams, followTestClock } from "@cadenza/messaging";
import { OffsetClock, runService } from "@cadenza/platform";
import { SecretBox, SENDING_INDEXES } from "@cadenza/sending";
import { connectDatabase, ShardLeases } from "@cadenza/storage";
import { configSchema } from "./config.ts";
import { Dispatcher } from "./dispatcher.ts";
import { SMTP_TIMEOUTS } from "./providers/smtp/smtp-link.ts";
import { SmtpProvider } from "./providers/smtp/smtp-provider.ts";

const SERVICE = "dispatcher";
/** Within the process's own grace period (8 s), with time left to close connections. */
const DRAIN_MS = 5000;

await runService({
  name: SERVICE,
  configSchema,
  env: process.env,
  start: async ({ config, log, metrics, clock, lifecycle, http }) => {
    const database = await connectDatabase({ url: config.MONGO_URL, name: "communications", log });
    lifecycle.onClose("database", () => database.close());
    http.ready("database", () => database.ping());
    const bus = await connectBus({ url: config.NATS_URL, name: SERVICE, log });
    lifecycle.onClose("bus", () => bus.close());
    http.ready("bus", () => bus.isConnected());
    await ensureStreams(bus, { replicas: config.NATS_REPLICAS });
    await database.ensureIndexes(SENDING_INDEXES);
    if (clock instanceof OffsetClock) {
      const following = await followTestClock({ bus, database, clock });
      lifecycle.onClose("test clock", () => following.stop());
    }

    const committer = createCommitter({ database, bus, clock, service: SERVICE, log, metrics });
    await committer.start();
    lifecycle.onClose("outbox", () => committer.stop());

    const holder = `${SERVICE}-${config.REPLICA}-${randomUUID()}`;
    const leases = new ShardLeases({ database, group: SERVICE, holder, log });
    http.ready("leases", () => leases.remainingMs() > 0);
    const provider = new SmtpProvider({
      secrets: new SecretBox(config.SECRETS_KEY),
      allowPrivateNetworks: config.ALLOW_PRIVATE_NETWORKS,
      timeouts: { ...SMTP_TIMEOUTS, answerMs: Math.min(SMTP_TIMEOUTS.answerMs, config.UNKNOWN_AFTER_MS) },
    });
    const dispatcher = new Dispatcher({
      committer,
      leases,
      provider,
      log,
      metrics,
      unknownAfterMs: config.UNKNOWN_AFTER_MS,
    });
    await dispatcher.start();
    lifecycle.onDrain("sends", () => dispatcher.drain(DRAIN_MS));
  },
});
