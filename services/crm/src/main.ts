import { connectBus, ensureStreams, followTestClock } from "@cadenza/messaging";
import { OffsetClock, runService } from "@cadenza/platform";
import { connectDatabase } from "@cadenza/storage";
import { configSchema } from "./config.ts";
import { readBootstrapFile } from "./organizations/bootstrap.ts";
import { serve } from "./serve.ts";

await runService({
  name: "crm",
  configSchema,
  env: process.env,
  start: async ({ config, log, metrics, clock, lifecycle, http }) => {
    const database = await connectDatabase({ url: config.MONGO_URL, name: "crm", log });
    lifecycle.onClose("database", () => database.close());
    http.ready("mongodb", () => database.ping());
    const bus = await connectBus({ url: config.NATS_URL, name: "crm", log });
    lifecycle.onClose("bus", () => bus.close());
    http.ready("nats", () => bus.isConnected());
    await ensureStreams(bus, { replicas: config.NATS_REPLICAS });
    if (clock instanceof OffsetClock) {
      const following = await followTestClock({ bus, database, clock });
      lifecycle.onClose("clock", () => following.stop());
    }
    const file = config.BOOTSTRAP_ORGANIZATIONS;
    const { grpcPort } = await serve({
      database,
      bus,
      clock,
      log,
      metrics,
      http,
      lifecycle,
      internalSecret: config.INTERNAL_SECRET,
      grpcPort: config.GRPC_PORT,
      replicas: config.NATS_REPLICAS,
      organizations: file ? await readBootstrapFile(file) : [],
    });
    log.info({ grpcPort }, "The CRM answers.");
  },
});
