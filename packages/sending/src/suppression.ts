import type { Reason } from "@cadenza/contracts";
import type { IndexDefinition, TenantDocument } from "@cadenza/storage";
import { derivedId } from "@cadenza/platform";
import type { Channel } from "./message.ts";

export const SUPPRESSIONS_COLLECTION = "suppressions";

/** Why nothing is sent to an address. */
export const SUPPRESSION_CODES = ["UNSUBSCRIBED", "BOUNCED", "COMPLAINED"] as const;
export type SuppressionCode = (typeof SUPPRESSION_CODES)[number];

/** An address that gets nothing more by one channel. */
export type SuppressionDocument = TenantDocument & {
  version: number;
  createdAt: Date;
  updatedAt: Date;
  channel: Channel;
  /** In lower case. */
  address: string;
  reason: Reason & { code: SuppressionCode };
};

/** One suppression per organization, channel and address: the first reason stays. */
export const SUPPRESSION_ADDRESS_INDEX = "address";

export const SUPPRESSION_INDEXES: IndexDefinition[] = [
  {
    collection: SUPPRESSIONS_COLLECTION,
    key: { organizationId: 1, channel: 1, address: 1 },
    options: { name: SUPPRESSION_ADDRESS_INDEX, unique: true },
  },
  { collection: SUPPRESSIONS_COLLECTION, key: { organizationId: 1, _id: -1 }, options: { name: "newest" } },
];

/** What addresses are matched by: surrounding space off, lower case (CRM-2). */
export function addressKey(address: string): string {
  return address.trim().toLowerCase();
}

export function suppressionOf(options: {
  organizationId: string;
  channel: Channel;
  address: string;
  reason: Reason & { code: SuppressionCode };
  at: Date;
}): SuppressionDocument {
  const { organizationId, channel, reason, at } = options;
  const address = addressKey(options.address);
  const _id = derivedId(at, organizationId, channel, address);
  return { _id, organizationId, version: 1, createdAt: at, updatedAt: at, channel, address, reason };
}
