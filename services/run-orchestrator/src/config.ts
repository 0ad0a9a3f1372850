import { baseConfig } from "@cadenza/platform";
import { z } from "zod";

const address = z.string().regex(/^[^:\s]+:\d+$/, "expected host:port");

export const configSchema = z.object({
  ...baseConfig,
  /** gRPC of crm: subjects, contacts. */
  CRM_GRPC: address,
  /** gRPC of workflow-definition: definitions. */
  WORKFLOW_DEFINITION_GRPC: address,
  /** gRPC of communications: messages that are due, for the test clock. */
  COMMUNICATIONS_GRPC: address,
});
