import { callerWith, type CrmContext } from "../graph/context.ts";
import { payload } from "../graph/payload.ts";
import type { RecordActivityInput } from "./read-activity.ts";

export const activityResolvers = {
  Mutation: {
    recordActivity: async (_: unknown, { input }: { input: RecordActivityInput }, context: CrmContext) =>
      payload("activityId", await context.crm.activities.record(callerWith(context, "MEMBER"), input), (id) => id),
  },
};
