export { dueAfter } from "./due-after.ts";
export { type ScheduleProblem, type ScheduleProblemCode, scheduleProblems } from "./schedule-problems.ts";
export { startOfDate } from "./start-of-date.ts";
export { UnknownTimeZoneError } from "./unknown-time-zone-error.ts";
export { closesAt, isBlackedOut, isOpen, nextOpen } from "./windows.ts";
export { type Recipient, zoneFor } from "./zone-for.ts";
export { isTimeZone } from "./zone-offsets.ts";
