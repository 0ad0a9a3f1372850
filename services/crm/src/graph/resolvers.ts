import type { Resolvers } from "@cadenza/subgraph";
import { activityResolvers } from "../activities/resolvers.ts";
import { contactResolvers } from "../contacts/resolvers.ts";
import { customFieldResolvers } from "../custom-fields/resolvers.ts";
import { groupResolvers } from "../groups/resolvers.ts";
import { importResolvers } from "../imports/resolvers.ts";
import { leadResolvers } from "../leads/resolvers.ts";
import { mergeResolvers } from "../merging/resolvers.ts";
import { opportunityResolvers } from "../opportunities/resolvers.ts";
import { organizationResolvers } from "../organizations/resolvers.ts";
import { statusResolvers } from "../statuses/resolvers.ts";
import { userResolvers } from "../users/resolvers.ts";

export const resolvers: readonly Resolvers[] = [
  organizationResolvers,
  userResolvers,
  groupResolvers,
  customFieldResolvers,
  statusResolvers,
  leadResolvers,
  contactResolvers,
  opportunityResolvers,
  mergeResolvers,
  activityResolvers,
  importResolvers,
];
