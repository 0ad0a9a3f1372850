/** Longest texts, in UTF-16 units, and most entries of what a workflow holds. */
export const LIMITS = {
  name: 200,
  /** An id of anything, also of what there is not: a draft may name it. */
  id: 100,
  description: 5000,
  note: 1000,
  taskDescription: 10_000,
  callNote: 10_000,
  /** Groups of one rule, statuses of one goal. */
  ids: 100,
  exclusivityGroup: 100,
  fieldTemplate: 10_000,
  /** Assignments of one step. */
  fields: 50,
  /** Steps that a workflow shows. */
  steps: 100,
  /** Removed steps whose places are kept (EDIT-1); a run that stands at an older one goes on from the start. */
  tombstones: 400,
  /** Edits of one batch. */
  edits: 200,
  /** A communication schedule's ranges, and the dates of a list or a calendar. */
  ranges: 200,
  dates: 1000,
  calendars: 20,
  /** Tests and groups of a trigger's condition together. */
  conditionNodes: 200,
  conditionDepth: 10,
  /** All of a workflow as JSON, in bytes: a revision is one document. */
  contentBytes: 2 * 1024 * 1024,
  /** WF-2: each delay, whatever its unit. */
  delayDays: 365,
} as const;
