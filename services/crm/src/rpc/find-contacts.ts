import type { FindContactsRequest, FindContactsResponse } from "@cadenza/contracts";
import { CadenzaError } from "@cadenza/platform";
import { organizationScope } from "@cadenza/storage";
import { z } from "zod";
import type { ContactFilter, ContactStore } from "../contacts/store.ts";

const MAX_LIMIT = 1000;

const filterSchema = z.strictObject({
  ids: z.array(z.string()).nullish(),
  leadIds: z.array(z.string()).nullish(),
  search: z.string().nullish(),
});

/** A page of the contacts that ids or a filter find, in the order of their ids. */
export async function findContacts(
  contacts: ContactStore,
  { organizationId, contactIds, filterJson, afterId, limit }: FindContactsRequest,
): Promise<FindContactsResponse> {
  const scope = organizationScope(organizationId);
  const filter: ContactFilter = contactIds ? { ids: contactIds } : readFilter(filterJson);
  const [found, total] = await Promise.all([
    contacts.scan(scope, filter, { limit: Math.min(limit, MAX_LIMIT), afterId }),
    // Counting costs as much as the whole list: once is enough.
    afterId === null ? contacts.count(scope, filter) : 0,
  ]);
  return { contacts: found.map(({ _id, leadId }) => ({ id: _id, leadId })), total };
}

function readFilter(json: string | null): ContactFilter {
  if (json === null) return {};
  const parsed = filterSchema.safeParse(JSON.parse(json));
  if (parsed.success) return parsed.data;
  throw new CadenzaError("BAD_USER_INPUT", "The contact filter is not one that this version understands.");
}
