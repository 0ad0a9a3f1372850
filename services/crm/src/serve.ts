import { type Bus, consumeCommands, createCommitter } from "@cadenza/messaging";
import type { Clock, Lifecycle, Logger, Metrics, OpsServer } from "@cadenza/platform";
import { createRpcServer } from "@cadenza/rpc";
import type { Database } from "@cadenza/storage";
import { createSubgraph, loadTypeDefs, type RequestContext } from "@cadenza/subgraph";
import { updateLeadEffect } from "./commands/update-lead.ts";
import { createCrm, type Crm } from "./crm.ts";
import { crmContext } from "./graph/context.ts";
import { resolvers } from "./graph/resolvers.ts";
import { uploadRoute } from "./imports/upload-route.ts";
import { ImportWorker } from "./imports/worker.ts";
import { INDEXES } from "./indexes.ts";
import { type BootstrapOrganization, bootstrap } from "./organizations/bootstrap.ts";
import { rpcServices } from "./rpc/implementation.ts";

export type ServeOptions = {
  database: Database;
  bus: Bus;
  clock: Clock;
  log: Logger;
  metrics?: Metrics;
  http: OpsServer;
  lifecycle: Lifecycle;
  internalSecret: string;
  /** 0 takes a free one. */
  grpcPort: number;
  /** Copies of the streams. */
  replicas: number;
  /** Created where they are missing. */
  organizations: readonly BootstrapOrganization[];
};

/** Opens every way into the CRM: graph, uploads, gRPC, commands; and sets its imports to work. */
export async function serve(options: ServeOptions): Promise<{ crm: Crm; grpcPort: number }> {
  const { database, bus, clock, log, http, lifecycle, internalSecret, replicas } = options;
  await database.ensureIndexes(INDEXES);
  await bootstrap(database, options.organizations, { clock, log });
  const committer = createCommitter({ database, bus, clock, service: "crm", log, metrics: options.metrics });
  await committer.start();
  lifecycle.onClose("committer", () => committer.stop());
  const crm = createCrm(database, committer);

  const services = rpcServices(crm, clock);
  const rpc = await createRpcServer({ port: options.grpcPort, internalSecret, log, services });
  lifecycle.onClose("rpc", () => rpc.close());
  const typeDefs = loadTypeDefs(new URL(".", import.meta.url));
  const context = (base: RequestContext) => crmContext(base, crm);
  const subgraph = await createSubgraph({ name: "crm", typeDefs, resolvers, context, http, internalSecret, log });
  lifecycle.onClose("subgraph", () => subgraph.stop());
  http.route("/imports", uploadRoute(crm.imports, { internalSecret }));

  const consumer = await consumeCommands({ committer, kind: "updateLead", replicas, effect: updateLeadEffect(crm) });
  lifecycle.onDrain("commands", () => consumer.stop());
  const { stores, catalogs } = crm;
  const worker = new ImportWorker({ committer, catalogs, imports: stores.imports, stores, log });
  worker.start();
  lifecycle.onDrain("imports", () => worker.stop());
  return { crm, grpcPort: rpc.port };
}
