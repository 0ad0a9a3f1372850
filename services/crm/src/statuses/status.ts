import type { TenantDocument } from "@cadenza/storage";

type Status = TenantDocument & { name: string; nameKey: string; version: number; createdAt: Date; updatedAt: Date };

/** In the order of their ids; the first is what a new lead has. */
export type LeadStatus = Status;

export type OpportunityStatusKind = "OPEN" | "WON" | "LOST";
/** In the order of their ids; the first is what a new opportunity has. */
export type OpportunityStatus = Status & { kind: OpportunityStatusKind };

/** What every organization begins with. */
export const FIRST_LEAD_STATUSES = ["Potential", "Qualified", "Customer", "Bad fit"] as const;
export const FIRST_OPPORTUNITY_STATUSES = [
  { name: "Open", kind: "OPEN" },
  { name: "Won", kind: "WON" },
  { name: "Lost", kind: "LOST" },
] as const satisfies readonly { name: string; kind: OpportunityStatusKind }[];
