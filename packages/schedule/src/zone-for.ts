import type { Schedule } from "@cadenza/contracts";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import countryZones from "./generated/country-zones.json" with { type: "json" };
import { isTimeZone, ZoneOffsets } from "./zone-offsets.ts";

export type Recipient = {
  /** The contact's own zone. */
  contactTimeZone: string | null;
  /** In the contact's order; the first one counts. `country` is ISO 3166-1 alpha-2, read from the number where null. */
  phones: readonly { number: string; country?: string | null }[];
  at: Date;
};

const ZONES: Readonly<Record<string, readonly string[]>> = countryZones;

/**
 * The zone that a schedule's local times are read in at an instant (SCH-1): the workflow's, or, in recipient mode, the
 * contact's own, else the first zone of the phone number's country where all its zones (IANA zone.tab) have the same offset
 * at that instant, else the workflow's.
 */
export function zoneFor(schedule: Pick<Schedule, "zoneMode" | "timeZone">, recipient: Recipient): string {
  if (schedule.zoneMode === "WORKFLOW") return schedule.timeZone;
  const { contactTimeZone, phones, at } = recipient;
  if (contactTimeZone !== null && isTimeZone(contactTimeZone)) return contactTimeZone;
  return zoneOfPhone(phones[0], at) ?? schedule.timeZone;
}

function zoneOfPhone(phone: Recipient["phones"][number] | undefined, at: Date): string | null {
  if (!phone) return null;
  const country = phone.country ?? parsePhoneNumberFromString(phone.number)?.country;
  const zones = (country && Object.hasOwn(ZONES, country) ? ZONES[country]! : []).filter(isTimeZone);
  const offsets = new Set(zones.map((zone) => ZoneOffsets.of(zone).offsetAt(at.getTime())));
  return offsets.size === 1 ? zones[0]! : null;
}
