import type { Role } from "@cadenza/contracts";
import { callerWith, type CrmContext } from "../graph/context.ts";
import { payload } from "../graph/payload.ts";
import type { ApiKey, Organization } from "./organization.ts";
import type { UpdateOrganizationInput } from "./service.ts";

export const organizationResolvers = {
  Query: {
    viewer: (_: unknown, __: object, context: CrmContext) => context,
    apiKeys: (_: unknown, __: object, { scope, crm }: CrmContext) => crm.stores.organizations.listApiKeys(scope),
  },
  Viewer: {
    organization: ({ loaders }: CrmContext) => loaders.organization(),
    user: ({ userId, loaders }: CrmContext) => (userId === null ? null : loaders.users.load(userId)),
    apiKey: ({ actor, scope, crm }: CrmContext) =>
      actor.kind === "API_KEY" && actor.id !== null
        ? crm.stores.organizations.apiKeys.findOne(scope, { _id: actor.id })
        : null,
    role: ({ role }: CrmContext) => role,
  },
  Organization: {
    __resolveReference: ({ id }: { id: string }, { scope, loaders }: CrmContext) =>
      id === scope.organizationId ? loaders.organization() : null,
    id: (organization: Organization) => organization._id,
  },
  ApiKey: { id: (key: ApiKey) => key._id },
  Mutation: {
    createApiKey: async (_: unknown, { input }: { input: { name: string; role: Role } }, context: CrmContext) => {
      const outcome = await context.crm.organizations.createApiKey(callerWith(context, "ADMIN"), input);
      if (!outcome.ok) return { apiKey: null, secret: null, userErrors: outcome.problems };
      const { id, secret } = outcome.value;
      const apiKey = await context.crm.stores.organizations.apiKeys.findOne(context.scope, { _id: id });
      return { apiKey, secret, userErrors: [] };
    },
    revokeApiKey: async (_: unknown, { id }: { id: string }, context: CrmContext) =>
      payload("apiKey", await context.crm.organizations.revokeApiKey(callerWith(context, "ADMIN"), id), (key) => key),
    updateOrganization: async (_: unknown, { input }: { input: UpdateOrganizationInput }, context: CrmContext) =>
      payload("organization", await context.crm.organizations.update(callerWith(context, "ADMIN"), input), () =>
        context.loaders.organization(),
      ),
  },
};
