import { callerWith, type CrmContext } from "../graph/context.ts";
import { payload } from "../graph/payload.ts";
import type { CrmObject, CustomField, CustomValues } from "./custom-field.ts";
import type { CreateCustomFieldInput } from "./service.ts";

export const customFieldResolvers = {
  Query: {
    customFields: async (_: unknown, { object }: { object?: CrmObject | null }, { loaders }: CrmContext) => {
      const fields = [...(await loaders.catalog()).fields.values()].reverse();
      return object ? fields.filter((field) => field.object === object) : fields;
    },
  },
  CustomField: {
    __resolveReference: async ({ id }: { id: string }, { loaders }: CrmContext) =>
      (await loaders.catalog()).fields.get(id) ?? null,
    id: (field: CustomField) => field._id,
  },
  Mutation: {
    createCustomField: async (_: unknown, { input }: { input: CreateCustomFieldInput }, context: CrmContext) =>
      payload("customField", await context.crm.customFields.create(callerWith(context, "ADMIN"), input), async (id) =>
        (await context.loaders.catalog()).fields.get(id),
      ),
  },
};

/** Resolves `customFields` of an object: every field it may have, in the order they were created, with its value. */
export function customFieldValues(object: CrmObject) {
  return async ({ custom }: { custom: CustomValues }, _: object, { loaders }: CrmContext) =>
    [...(await loaders.catalog()).fields.values()]
      .filter((field) => field.object === object)
      .map((field) => ({ field, value: custom[field._id] ?? null }));
}
