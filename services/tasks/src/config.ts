import { baseConfig } from "@cadenza/platform";
import { z } from "zod";

export const configSchema = z.object({
  ...baseConfig,
  /** host:port of crm's gRPC. */
  CRM_GRPC: z.string().min(1),
});
