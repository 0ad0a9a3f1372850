import { connectBus, createCommitter, ensureStreams, followTestClock } from "@cadenza/messaging";
import { OffsetClock, runService } from "@cadenza/platform";
import { createRpcClient, createRpcServer } from "@cadenza/rpc";
import { resolvePublicAddress } from "@cadenza/sending";
import { connectDatabase } from "@cadenza/storage";
import { createSubgraph } from "@cadenza/subgraph";
import { createCommunications, INDEXES, resolvers, typeDefs } from "./communications.ts";
import { configSchema } from "./config.ts";
import { contextOf } from "./context.ts";
import { rotateSecrets } from "./email-accounts/rotate-secrets.ts";
import { createSends } from "./sends/sends-service.ts";
import { UNSUBSCRIBE_PATH } from "./unsubscribe/links.ts";
import { unsubscribeHandler } from "./unsubscribe/handler.ts";

const NAME = "communications";

await runService({
  name: NAME,
  configSchema,
  env: process.env,
  start: async ({ config, log, metrics, clock, lifecycle, http }) => {
    const database = await connectDatabase({ url: config.MONGO_URL, name: NAME, log });
    lifecycle.onClose("mongodb", () => database.close());
    http.ready("mongodb", () => database.ping());
    await database.ensureIndexes(INDEXES);

    const bus = await connectBus({ url: config.NATS_URL, name: `${NAME}-${config.REPLICA}`, log });
    lifecycle.onClose("nats", () => bus.close());
    http.ready("nats", () => bus.isConnected());
    await ensureStreams(bus, { replicas: config.NATS_REPLICAS });
    if (clock instanceof OffsetClock) {
      const following = await followTestClock({ bus, database, clock });
      lifecycle.onClose("test clock", () => following.stop());
    }
    const committer = createCommitter({ database, bus, clock, service: NAME, log, metrics });
    await committer.start();
    lifecycle.onClose("outbox", () => committer.stop());

    const crm = createRpcClient("CrmReader", config.CRM_GRPC, {
      internalSecret: config.INTERNAL_SECRET,
      service: NAME,
    });
    lifecycle.onClose("crm", () => crm.close());
    const communications = createCommunications({
      database,
      committer,
      crm,
      secretKeys: config.SECRETS_KEY,
      publicUrl: config.PUBLIC_URL,
      resolveHost: (host) => resolvePublicAddress(host, { allowPrivate: config.ALLOW_PRIVATE_NETWORKS }),
      replicas: config.NATS_REPLICAS,
      metrics,
    });
    await rotateSecrets({ database, secrets: communications.secrets, clock, log });

    const { parts, links } = communications;
    const sends = createSends({
      database,
      templates: parts.templateStore,
      planner: communications.planner,
      unknownAfterMs: config.UNKNOWN_AFTER_MS,
    });
    const rpc = await createRpcServer({
      port: config.GRPC_PORT,
      internalSecret: config.INTERNAL_SECRET,
      log,
      services: { Sends: sends },
    });
    lifecycle.onDrain("grpc", () => rpc.close());
    http.route(UNSUBSCRIBE_PATH, unsubscribeHandler({ links, suppressions: parts.suppressions, log }));
    const graph = await createSubgraph({
      name: NAME,
      typeDefs,
      resolvers,
      context: (base) => contextOf(base, parts),
      http,
      internalSecret: config.INTERNAL_SECRET,
      log,
    });
    lifecycle.onDrain("graph", () => graph.stop());
    const consumers = await communications.consume();
    lifecycle.onDrain("commands", async () => {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
    });
  },
});
