import type { Report } from "./problem.ts";
import type { References } from "./references.ts";

/** A user must exist and be active. */
export function reportUser(userId: string, field: string, references: References, report: Report): void {
  const status = references.users.get(userId);
  if (!status) report("USER_NOT_FOUND", field, "There is no such user.");
  else if (status === "DEACTIVATED") report("USER_DEACTIVATED", field, "This user is deactivated; choose another.");
}
