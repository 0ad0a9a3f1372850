import { createLogger, Metrics, OpsServer } from "@cadenza/platform";
import { completeTypeDefs, createSubgraph, type RequestContext, type Resolvers } from "@cadenza/subgraph";

/** A subgraph of a test, served as a service serves its own. */
export type FakeSubgraph = { name: string; sdl: string; url: string; port: number; stop(): Promise<void> };

export async function startFakeSubgraph(options: {
  name: string;
  sdl: string;
  resolvers: Resolvers;
  internalSecret: string;
  port?: number;
}): Promise<FakeSubgraph> {
  const log = createLogger({ service: options.name, level: "silent" });
  const http = new OpsServer({ log, metrics: new Metrics({ service: options.name }) });
  await createSubgraph<RequestContext>({
    name: options.name,
    typeDefs: [options.sdl],
    resolvers: options.resolvers,
    context: (base) => base,
    http,
    internalSecret: options.internalSecret,
    log,
  });
  const port = await http.listen(options.port ?? 0);
  const stop = async (): Promise<void> => {
    http.server.closeAllConnections();
    await http.close();
  };
  return { name: options.name, sdl: options.sdl, url: `http://127.0.0.1:${port}/graphql`, port, stop };
}

export function typeDefsOf({ name, sdl }: FakeSubgraph): {
  name: string;
  typeDefs: ReturnType<typeof completeTypeDefs>;
} {
  return { name, typeDefs: completeTypeDefs([sdl]) };
}
