import type { FindContactsRequest, FindContactsResponse } from "@cadenza/contracts";
import { CadenzaError } from "@cadenza/platform";
import { type OrganizationScope, organizationScope } from "@cadenza/storage";
import { z } from "zod";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { ContactFilter, ContactStore } from "../contacts/store.ts";
import { contactWhere } from "../filters/where-filters.ts";

const MAX_LIMIT = 1000;

const filterSchema = z.strictObject({
  ids: z.array(z.string()).nullish(),
  leadIds: z.array(z.string()).nullish(),
  search: z.string().nullish(),
  where: z.unknown().optional(),
});

/** A page of the contacts that ids or a filter find, in the order of their ids. */
export async function findContacts(
  { contacts, catalogs, now }: { contacts: ContactStore; catalogs: Catalogs; now: Date },
  { organizationId, contactIds, filterJson, afterId, limit }: FindContactsRequest,
): Promise<FindContactsResponse> {
  const scope = organizationScope(organizationId);
  const filter = contactIds ? { ids: contactIds } : await readFilter(scope, filterJson, { catalogs, now });
  if ("fault" in filter) return { contacts: [], total: 0, fault: filter.fault };
  const [found, total] = await Promise.all([
    contacts.scan(scope, filter, { limit: Math.min(limit, MAX_LIMIT), afterId }),
    // Counting costs as much as the whole list: once is enough.
    afterId === null ? contacts.count(scope, filter) : 0,
  ]);
  return { contacts: found.map(({ _id, leadId }) => ({ id: _id, leadId })), total };
}

async function readFilter(
  scope: OrganizationScope,
  json: string | null,
  { catalogs, now }: { catalogs: Catalogs; now: Date },
): Promise<ContactFilter | { fault: FindContactsResponse["fault"] }> {
  if (json === null) return {};
  const parsed = filterSchema.safeParse(JSON.parse(json));
  if (!parsed.success) {
    throw new CadenzaError("BAD_USER_INPUT", "The contact filter is not one that this version understands.");
  }
  const { where: given, ...rest } = parsed.data;
  if (given === null || given === undefined) return rest;
  const catalog = await catalogs.fresh(scope);
  try {
    return { ...rest, where: contactWhere(given, { catalog, now, path: ["where"] }) };
  } catch (error) {
    if (!(error instanceof CadenzaError) || error.code !== "BAD_USER_INPUT") throw error;
    return { fault: { message: error.message, path: [...(error.inputPath ?? [])] } };
  }
}
