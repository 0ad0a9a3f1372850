import type { TenantDocument } from "@cadenza/storage";

/** A named set of users. */
export type Group = TenantDocument & {
  name: string;
  nameKey: string;
  memberIds: string[];
  version: number;
  createdAt: Date;
  updatedAt: Date;
};
