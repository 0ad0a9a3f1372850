import { readFileSync } from "node:fs";
import { runService } from "@cadenza/platform";
import { configSchema } from "./config.ts";
import { startGateway } from "./start-gateway.ts";

// Read by @apollo/gateway and @apollo/server, which have no option for it.
process.env["APOLLO_TELEMETRY_DISABLED"] = "true";

await runService({
  name: "gateway",
  configSchema,
  env: process.env,
  start: (service) =>
    startGateway(service, {
      supergraph: readFileSync(new URL("../../schema/supergraph.graphql", import.meta.url), "utf8"),
    }),
});
