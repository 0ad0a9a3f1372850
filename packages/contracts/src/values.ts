import { z } from "zod";

/** ULID: 48 bits of milliseconds, 80 bits of chance or hash. */
export const idSchema = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, "not an id");

/** An instant on the wire: ISO 8601 text; in the program a `Date`. */
export const instantSchema = z.coerce.date();

export const reasonSchema = z.object({ code: z.string(), message: z.string() });
/** Why something is as it is: a stable code and one sentence a person can act on. */
export type Reason = z.infer<typeof reasonSchema>;

export const ACTOR_KINDS = ["USER", "API_KEY", "EVENT", "GOAL", "SYSTEM"] as const;
export const actorSchema = z.object({ kind: z.enum(ACTOR_KINDS), id: z.string().nullable(), label: z.string() });
/** Who did it. `id` is a user's, an API key's, or a source event's; null for the system. */
export type Actor = z.infer<typeof actorSchema>;

export const ROLES = ["ADMIN", "MEMBER", "VIEWER"] as const;
export type Role = (typeof ROLES)[number];

/**
 * What led to a change: the run's step that made it, or nothing (a person or a client). `depth` counts how many
 * workflows stand one behind another (TRG-4); a person's change has depth 0.
 */
export const causationSchema = z.object({
  eventId: z.string().nullable(),
  workflowId: z.string().nullable(),
  runId: z.string().nullable(),
  depth: z.number().int().min(0),
});
export type Causation = z.infer<typeof causationSchema>;
export const NO_CAUSATION: Causation = { eventId: null, workflowId: null, runId: null, depth: 0 };
