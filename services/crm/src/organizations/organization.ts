import type { Role } from "@cadenza/contracts";
import type { TenantDocument } from "@cadenza/storage";

/** The tenant. Its own id is its `organizationId`. */
export type Organization = TenantDocument & {
  name: string;
  timeZone: string;
  /** ISO 3166-1 alpha-2: reads phone numbers without a prefix. */
  country: string;
  settings: { visibleUnsubscribeLink: boolean; holdRunsOnAutoReply: boolean };
  version: number;
  createdAt: Date;
  updatedAt: Date;
};

/** A key for machines. The secret itself is stored nowhere. */
export type ApiKey = TenantDocument & {
  name: string;
  role: Role;
  /** SHA-256 of the secret, hex. */
  hash: string;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
};
