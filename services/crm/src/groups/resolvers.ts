import { callerWith, type CrmContext } from "../graph/context.ts";
import { payload } from "../graph/payload.ts";
import type { Group } from "./group.ts";
import type { GroupInput } from "./service.ts";

export const groupResolvers = {
  Query: {
    groups: (_: unknown, __: object, { scope, crm }: CrmContext) => crm.stores.groups.list(scope),
  },
  Group: {
    __resolveReference: ({ id }: { id: string }, { loaders }: CrmContext) => loaders.groups.load(id),
    id: (group: Group) => group._id,
    members: async (group: Group, _: object, { loaders }: CrmContext) => {
      const members = await loaders.users.loadMany(group.memberIds);
      return members.filter((member) => member !== null);
    },
  },
  Mutation: {
    createGroup: async (_: unknown, { input }: { input: GroupInput }, context: CrmContext) =>
      payload("group", await context.crm.groups.create(callerWith(context, "ADMIN"), input), (id) =>
        context.loaders.groups.load(id),
      ),
    updateGroup: async (_: unknown, { id, input }: { id: string; input: GroupInput }, context: CrmContext) =>
      payload("group", await context.crm.groups.update(callerWith(context, "ADMIN"), id, input), () =>
        context.loaders.groups.load(id),
      ),
  },
};
