import { baseConfig, flag } from "@cadenza/platform";
import { parseSecretKeys, type SecretKeys } from "@cadenza/sending";
import { z } from "zod";

export const configSchema = z.object({
  ...baseConfig,
  /** Port of the gRPC service `Sends`; 0 takes a free one. */
  GRPC_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** host:port of crm's gRPC. */
  CRM_GRPC: z.string().min(1),
  /** Where recipients reach this service: base of the links in `List-Unsubscribe`. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, "")),
  /** `keyId:base64` of 32 bytes, several joined by commas, the newest first. */
  SECRETS_KEY: z.string().transform((text, context): SecretKeys => {
    try {
      return parseSecretKeys(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "not usable" });
      return z.NEVER;
    }
  }),
  /** As the dispatcher has it: when a send without an answer becomes an unknown outcome, in milliseconds. */
  UNKNOWN_AFTER_MS: z.coerce.number().int().min(1000).default(60_000),
  /** "1": mail servers may stand on private addresses, as those of the local stack do. */
  ALLOW_PRIVATE_NETWORKS: flag(),
});
