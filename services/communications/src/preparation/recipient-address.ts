import type { Reason } from "@cadenza/contracts";
import type { SuppressionCode } from "@cadenza/sending";
import { isMailAddress } from "./mail-address.ts";
import { REASONS } from "./reasons.ts";

/** The contact's first address that may be written to, or why there is none: what stands against the first (EML-6). */
export function recipientAddress(
  emails: readonly string[],
  suppressed: (address: string) => SuppressionCode | null,
): { address: string } | { reason: Reason } {
  const usable = emails.map((email) => email.trim()).filter(isMailAddress);
  const address = usable.find((email) => suppressed(email) === null);
  if (address !== undefined) return { address };
  const code = usable[0] === undefined ? null : suppressed(usable[0]);
  return { reason: code ? REASONS.suppressed(code) : REASONS.noEmailAddress };
}
