/** How a subscription field is answered: by which query field, when what changes (API-7). */
export type LiveField = {
  /** Field of Query that shows the same object. */
  query: string;
  /** Argument of the subscription field that names the object, and what the query field calls it. */
  argument: { subscription: string; query: string };
  /** The entity in `live.<entity>.<organization>.<id>`. */
  entity: string;
};

export const LIVE_FIELDS: Readonly<Record<string, LiveField>> = {
  runUpdated: { query: "run", argument: { subscription: "id", query: "id" }, entity: "run" },
  workflowRunsUpdated: { query: "workflow", argument: { subscription: "workflowId", query: "id" }, entity: "workflow" },
  bulkJobUpdated: { query: "bulkJob", argument: { subscription: "id", query: "id" }, entity: "bulkJob" },
  importJobUpdated: { query: "importJob", argument: { subscription: "id", query: "id" }, entity: "importJob" },
  messageUpdated: { query: "message", argument: { subscription: "id", query: "id" }, entity: "message" },
};
