import type { Reason } from "@cadenza/contracts";
import type { IndexDefinition, TenantDocument } from "@cadenza/storage";
import type { SealedSecret } from "./secret-box.ts";

export const EMAIL_ACCOUNTS_COLLECTION = "emailAccounts";

/** PAUSED sends nothing until a person lifts it; DISCONNECTED has lost its credentials for good. */
export const ACCOUNT_STATUSES = ["CONNECTED", "PAUSED", "DISCONNECTED"] as const;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

/** TLS from the first byte, TLS required after STARTTLS, or none. */
export const CONNECTION_SECURITIES = ["TLS", "STARTTLS", "NONE"] as const;
export type ConnectionSecurity = (typeof CONNECTION_SECURITIES)[number];

/** A server to connect to. `secret` is the password, sealed for the account's id (see `SecretBox`). */
export type ServerSettings = {
  host: string;
  port: number;
  security: ConnectionSecurity;
  username: string | null;
  secret: SealedSecret | null;
};

/** Counted when the provider accepts, over rolling times. Null is no limit (SND-1). */
export type SendingLimits = {
  perHour: number | null;
  per24Hours: number | null;
  /** Least time between two messages; 0 is none. */
  minimumGapSeconds: number;
};

/**
 * What an account gets whose limits are left out: below what mailbox providers let one user send (Gmail and Microsoft 365
 * stop at 2,000 and 10,000 a day), and no gap.
 */
export const DEFAULT_LIMITS: SendingLimits = { perHour: 200, per24Hours: 2000, minimumGapSeconds: 0 };

/** A mailbox that a user sends from. */
export type EmailAccountDocument = TenantDocument & {
  version: number;
  createdAt: Date;
  updatedAt: Date;
  ownerId: string;
  address: string;
  /** `address` in lower case; one connected account per address and organization. */
  addressKey: string;
  displayName: string | null;
  status: AccountStatus;
  statusReason: Reason | null;
  /** The owner's default for workflows (EML-3). */
  default: boolean;
  /** Users who may send from it although it is not theirs (EML-2). */
  sendAsUserIds: string[];
  limits: SendingLimits;
  /** See `sendingShard`. */
  shard: number;
  smtp: ServerSettings;
};

export const EMAIL_ACCOUNT_ADDRESS_INDEX = "address";

export const EMAIL_ACCOUNT_INDEXES: IndexDefinition[] = [
  {
    collection: EMAIL_ACCOUNTS_COLLECTION,
    key: { organizationId: 1, addressKey: 1 },
    options: {
      name: EMAIL_ACCOUNT_ADDRESS_INDEX,
      unique: true,
      partialFilterExpression: { status: { $in: ["CONNECTED", "PAUSED"] } },
    },
  },
  { collection: EMAIL_ACCOUNTS_COLLECTION, key: { organizationId: 1, ownerId: 1 }, options: { name: "ofOwner" } },
  { collection: EMAIL_ACCOUNTS_COLLECTION, key: { organizationId: 1, sendAsUserIds: 1 }, options: { name: "sendAs" } },
  { collection: EMAIL_ACCOUNTS_COLLECTION, key: { shard: 1 }, options: { name: "shard" } },
];
