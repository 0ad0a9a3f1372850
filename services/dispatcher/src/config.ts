import { baseConfig, flag } from "@cadenza/platform";
import { parseSecretKeys } from "@cadenza/sending";
import { z } from "zod";

export const configSchema = z.object({
  ...baseConfig,
  /** Keys that open the accounts' passwords: the same as the communications service's. */
  SECRETS_KEY: z.string().transform((text, context) => {
    try {
      return parseSecretKeys(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  }),
  /** "1": mail servers may stand in private networks and on this machine (REL-9). */
  ALLOW_PRIVATE_NETWORKS: flag(),
  /** When a message whose outcome cannot be learned becomes UNKNOWN_OUTCOME. */
  UNKNOWN_AFTER_MS: z.coerce.number().int().min(1000).default(60_000),
});
