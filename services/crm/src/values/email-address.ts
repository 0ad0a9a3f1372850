import { MAX_ADDRESSES_PER_CONTACT, MAX_EMAIL } from "./limits.ts";
import { type Problem, problem } from "./problem.ts";
import { tooLong } from "./text.ts";

/** HTML's definition of a valid address (html.spec.whatwg.org, "valid e-mail address"), with letters of any script in the domain. */
const ADDRESS =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?)*$/u;

/** One address, as given but for surrounding space. */
export function readEmailAddress(text: string, path: readonly string[], problems: Problem[]): string {
  const address = text.trim();
  if (address.length > MAX_EMAIL) problems.push(tooLong(MAX_EMAIL, path));
  else if (!ADDRESS.test(address)) problems.push(problem("INVALID_EMAIL", "This is not an email address.", path));
  return address;
}

/** A contact's addresses in their order, each once whatever its case (CRM-2). */
export function readEmailAddresses(texts: readonly string[], path: readonly string[], problems: Problem[]): string[] {
  if (texts.length > MAX_ADDRESSES_PER_CONTACT) {
    problems.push(problem("TOO_MANY", `A contact has at most ${MAX_ADDRESSES_PER_CONTACT} email addresses.`, path));
    return [];
  }
  const addresses = new Map<string, string>();
  for (const [index, text] of texts.entries()) {
    const address = readEmailAddress(text, [...path, String(index)], problems);
    if (!addresses.has(addressKey(address))) addresses.set(addressKey(address), address);
  }
  return [...addresses.values()];
}

/** What two spellings of one address have in common. */
export function addressKey(address: string): string {
  return address.toLowerCase();
}
