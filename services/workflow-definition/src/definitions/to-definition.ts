import type { Definition } from "@cadenza/contracts";
import type { Revision } from "../workflows/model.ts";

/** A revision as the engine reads it: calendars are dates, steps have their tombstones. */
export function toDefinition(revision: Revision): Definition {
  const { content, organizationId, workflowId, organizationTimeZone, blackoutDates } = revision;
  const { name, ownerId, trigger, recipient, goals, reentry, exclusivity, places } = content;
  const schedule = content.schedule && {
    zoneMode: content.schedule.zoneMode,
    timeZone: content.schedule.timeZone,
    ranges: content.schedule.ranges,
    blackoutDates,
  };
  const settings = { trigger, recipient, schedule, goals, reentry, exclusivity, places };
  return { organizationId, workflowId, revision: revision.number, name, ownerId, organizationTimeZone, ...settings };
}
