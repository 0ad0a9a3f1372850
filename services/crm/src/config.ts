import { baseConfig } from "@cadenza/platform";
import { z } from "zod";

export const configSchema = z.object({
  ...baseConfig,
  /** Port of the gRPC services `CrmReader` and `Identity`; 0 takes a free one. */
  GRPC_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** JSON file of organizations and users to create where they are missing. */
  BOOTSTRAP_ORGANIZATIONS: z.string().optional(),
});
