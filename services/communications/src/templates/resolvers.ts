import { checkText, pageArguments, requireRole, toConnection } from "@cadenza/subgraph";
import { payloadOf } from "../answer.ts";
import type { CommunicationsContext } from "../context.ts";
import { previewTemplate } from "./preview.ts";
import type { TemplateInput } from "./service.ts";
import type { TemplateDocument } from "./template.ts";

type ListArguments = { first?: number; after?: string; channel?: string; search?: string };

export const templateResolvers = {
  Query: {
    template: (_: unknown, { id }: { id: string }, context: CommunicationsContext) =>
      context.loaders.templates.load(id),
    templates: async (_: unknown, args: ListArguments, context: CommunicationsContext) => {
      const { limit, after } = pageArguments(args);
      const search = args.search?.trim() || null;
      if (search) checkText(search, ["search"], { max: 200 });
      const found = await context.templateStore.search(context, {
        channel: args.channel ?? null,
        search,
        after,
        limit: limit + 1,
      });
      return toConnection(found, limit, ({ _id }) => _id);
    },
    previewTemplate: (
      _: unknown,
      args: { templateId: string; contactId: string; senderId?: string },
      context: CommunicationsContext,
    ) => previewTemplate({ store: context.templateStore, people: context.people, clock: context.clock }, context, args),
  },
  Mutation: {
    createTemplate: async (_: unknown, { input }: { input: TemplateInput }, context: CommunicationsContext) => {
      requireRole(context, "MEMBER");
      return payloadOf("template", await context.templates.create(context, input), same);
    },
    updateTemplate: async (
      _: unknown,
      args: { id: string; expectedRevision: number; input: TemplateInput },
      context: CommunicationsContext,
    ) => {
      requireRole(context, "MEMBER");
      const answer = await context.templates.update(context, args.id, args.expectedRevision, args.input);
      return payloadOf("template", answer, same);
    },
    deleteTemplate: async (_: unknown, { id }: { id: string }, context: CommunicationsContext) => {
      requireRole(context, "MEMBER");
      return payloadOf("deletedId", await context.templates.delete(context, id), same);
    },
  },
  Template: {
    __resolveReference: ({ id }: { id: string }, context: CommunicationsContext) => context.loaders.templates.load(id),
    id: ({ _id }: TemplateDocument) => _id,
    revision: ({ version }: TemplateDocument) => version,
    owner: ({ ownerId }: TemplateDocument) => ownerId && { id: ownerId },
  },
};

function same<T>(value: T): T {
  return value;
}
