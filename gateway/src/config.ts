import { baseConfig, flag } from "@cadenza/platform";
import { z } from "zod";

const { MONGO_URL: _, ...base } = baseConfig;

/** `{"crm": "http://crm-1:4001/graphql,http://crm-2:4001/graphql"}`: each subgraph's replicas, separated by commas. */
const subgraphs = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      context.addIssue(`expected JSON: ${String(error)}`);
      return z.NEVER;
    }
  })
  .pipe(
    z.record(
      z.string(),
      z
        .string()
        .transform((urls) => urls.split(",").map((url) => url.trim()))
        .pipe(z.array(z.url()).min(1)),
    ),
  );

export const configSchema = z
  .object({
    ...base,
    /** crm's gRPC address, host:port: who a token or an API key belongs to. */
    CRM_GRPC: z.string().min(1),
    SUBGRAPHS: subgraphs,
    /** Shared secret of HS256 tokens; or else JWKS_URL. */
    JWT_SECRET: z.string().min(32).optional(),
    JWKS_URL: z.url().optional(),
    JWT_ISSUER: z.string().min(1),
    JWT_AUDIENCE: z.string().min(1),
    /** "1": introspection, GraphiQL at `/`, requests from pages of any origin. */
    DEVELOPMENT: flag(),
    /** With DEVELOPMENT: the token that the explorer at `/` is signed in with. */
    EXPLORER_TOKEN: z.string().optional(),
    /** Operations a second, with as many at once (API-8). */
    RATE_LIMIT_PER_ORGANIZATION: z.coerce.number().positive().default(100_000),
    RATE_LIMIT_PER_KEY: z.coerce.number().positive().default(50_000),
    /** WebSockets and subscriptions of one user or key on one gateway. */
    MAX_SOCKETS_PER_PRINCIPAL: z.coerce.number().int().positive().default(20_000),
    MAX_SUBSCRIPTIONS_PER_PRINCIPAL: z.coerce.number().int().positive().default(20_000),
  })
  .refine(({ JWT_SECRET, JWKS_URL }) => (JWT_SECRET === undefined) !== (JWKS_URL === undefined), {
    path: ["JWT_SECRET"],
    message: "expected either JWT_SECRET or JWKS_URL",
  });

export type GatewayConfig = z.infer<typeof configSchema>;
