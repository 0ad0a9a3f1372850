import { baseConfig } from "@cadenza/platform";
import { z } from "zod";

export const configSchema = z.object({
  ...baseConfig,
  /** Port of the gRPC service `Definitions`; 0 takes a free one. */
  GRPC_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** host:port of crm's and communications' gRPC. */
  CRM_GRPC: z.string().min(1),
  COMMUNICATIONS_GRPC: z.string().min(1),
});
