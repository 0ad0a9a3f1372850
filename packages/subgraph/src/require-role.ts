import type { Role } from "@cadenza/contracts";
import { ForbiddenError } from "@cadenza/platform";

const RANK: Record<Role, number> = { VIEWER: 0, MEMBER: 1, ADMIN: 2 };

/** @throws FORBIDDEN where the caller's role is below `least`. To be called before values are looked at (API-2). */
export function requireRole(context: { role: Role }, least: Role): void {
  if (RANK[context.role] >= RANK[least]) return;
  throw new ForbiddenError(`This needs the role ${least}; you have ${context.role}.`);
}
