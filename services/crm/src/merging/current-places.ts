import type { OrganizationScope, Session } from "@cadenza/storage";
import type { ContactStore } from "../contacts/store.ts";
import type { MergeStore } from "./store.ts";

type Place = { leadId: string; contactId: string | null };

/**
 * What was about a lead and a contact that have been merged since, about those that stay: a contact's lead is the one that
 * it is at. What was not merged stays as it is.
 */
export async function currentPlaces<P extends Place>(
  { merges, contacts }: { merges: MergeStore; contacts: ContactStore },
  scope: OrganizationScope,
  places: readonly P[],
  session?: Session,
): Promise<P[]> {
  const named = places.flatMap(({ leadId, contactId }) => (contactId === null ? [leadId] : [leadId, contactId]));
  const ends = await merges.endsOf(scope, named, session);
  if (ends.size === 0) return [...places];
  const end = (id: string) => ends.get(id) ?? id;
  const moved = places.map((place) => ({
    ...place,
    leadId: end(place.leadId),
    contactId: place.contactId === null ? null : end(place.contactId),
  }));
  const found = await contacts.findByIds(
    scope,
    moved.flatMap(({ contactId }) => contactId ?? []),
    session,
  );
  const leadOf = new Map(found.flatMap((contact) => (contact ? [[contact._id, contact.leadId]] : [])));
  return moved.map((place) => ({ ...place, leadId: leadOf.get(place.contactId ?? "") ?? place.leadId }));
}
