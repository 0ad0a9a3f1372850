import { requireRole } from "@cadenza/subgraph";
import type { GraphContext } from "../run-graph/graph-context.ts";
import type { EnrollInput } from "./enrolment-service.ts";

export const enrolmentResolvers = {
  Mutation: {
    enroll: (_: unknown, { input }: { input: EnrollInput }, context: GraphContext) => {
      requireRole(context, "MEMBER");
      return context.enrolment.enroll(context, input);
    },
  },
};
