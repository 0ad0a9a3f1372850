import { pageArguments, toConnection } from "@cadenza/subgraph";
import { callerWith, type CrmContext } from "../graph/context.ts";
import { payload } from "../graph/payload.ts";
import type { CreateUserInput, UpdateUserInput } from "./service.ts";
import type { User } from "./user.ts";

type UserFilterInput = { status?: User["status"] | null; groupId?: string | null; search?: string | null };
type UsersArguments = { first?: number | null; after?: string | null; filter?: UserFilterInput | null };

export const userResolvers = {
  Query: {
    user: (_: unknown, { id }: { id: string }, { loaders }: CrmContext) => loaders.users.load(id),
    users: async (_: unknown, args: UsersArguments, { scope, crm, loaders }: CrmContext) => {
      const page = pageArguments(args);
      const { status, groupId, search } = args.filter ?? {};
      const group = groupId ? await loaders.groups.load(groupId) : null;
      const members = groupId ? { memberIds: group?.memberIds ?? [] } : {};
      const users = await crm.stores.users.page(scope, { status, search, ...members }, page);
      return toConnection(users, page.limit, ({ _id }) => _id);
    },
  },
  User: {
    __resolveReference: ({ id }: { id: string }, { loaders }: CrmContext) => loaders.users.load(id),
    id: (user: User) => user._id,
    groups: (user: User, _: object, { loaders }: CrmContext) => loaders.groupsOfUser.load(user._id),
  },
  Mutation: {
    createUser: async (_: unknown, { input }: { input: CreateUserInput }, context: CrmContext) =>
      payload("user", await context.crm.users.create(callerWith(context, "ADMIN"), input), (id) =>
        context.loaders.users.load(id),
      ),
    updateUser: async (_: unknown, { id, input }: { id: string; input: UpdateUserInput }, context: CrmContext) =>
      payload("user", await context.crm.users.update(callerWith(context, "ADMIN"), id, input), () =>
        context.loaders.users.load(id),
      ),
  },
};
