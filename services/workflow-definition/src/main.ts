import { connectBus, createCommitter, ensureStreams, followTestClock } from "@cadenza/messaging";
import { OffsetClock, runService } from "@cadenza/platform";
import { createRpcClient } from "@cadenza/rpc";
import { connectDatabase } from "@cadenza/storage";
import { configSchema } from "./config.ts";
import { startWorkflowDefinition } from "./start.ts";

const NAME = "workflow-definition";

await runService({
  name: NAME,
  configSchema,
  env: process.env,
  start: async ({ config, log, metrics, clock, lifecycle, http }) => {
    const database = await connectDatabase({ url: config.MONGO_URL, name: "workflow_definition", log });
    lifecycle.onClose("mongodb", () => database.close());
    http.ready("mongodb", () => database.ping());
    const bus = await connectBus({ url: config.NATS_URL, name: NAME, log });
    lifecycle.onClose("nats", () => bus.close());
    http.ready("nats", () => bus.isConnected());
    if (clock instanceof OffsetClock) {
      const following = await followTestClock({ bus, database, clock });
      lifecycle.onClose("clock", () => following.stop());
    }
    await ensureStreams(bus, { replicas: config.NATS_REPLICAS });
    const committer = createCommitter({ database, bus, clock, service: NAME, log, metrics });
    const peer = { internalSecret: config.INTERNAL_SECRET, service: NAME };
    const crm = createRpcClient("CrmReader", config.CRM_GRPC, peer);
    const sends = createRpcClient("Sends", config.COMMUNICATIONS_GRPC, peer);
    lifecycle.onClose("peers", () => {
      crm.close();
      sends.close();
    });
    const service = await startWorkflowDefinition({
      committer,
      crm,
      sends,
      http,
      internalSecret: config.INTERNAL_SECRET,
      grpcPort: config.GRPC_PORT,
      replicas: config.NATS_REPLICAS,
      log,
    });
    lifecycle.onClose("service", () => service.stop());
    log.info({ grpcPort: service.grpcPort }, "Serving definitions.");
  },
});
