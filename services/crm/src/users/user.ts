import type { Role, UserView } from "@cadenza/contracts";
import type { TenantDocument } from "@cadenza/storage";

export type User = TenantDocument & {
  name: string;
  email: string;
  /** Unique within the organization. */
  emailKey: string;
  role: Role;
  status: "ACTIVE" | "DEACTIVATED";
  away: boolean;
  timeZone: string | null;
  searchTerms: string[];
  version: number;
  createdAt: Date;
  updatedAt: Date;
};

export function userView(user: User): UserView {
  const { _id: id, name, email, role, status, away, timeZone } = user;
  return { id, name, email, role, status, away, timeZone };
}
