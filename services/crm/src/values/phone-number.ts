import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { MAX_ADDRESSES_PER_CONTACT } from "./limits.ts";
import { type Problem, problem } from "./problem.ts";

/** `number` in E.164; `country` where the number tells it. */
export type PhoneNumber = { number: string; country: string | null };

const MAX_LENGTH = 50;

/** A contact's numbers in their order, each once (CRM-2). `country` reads those without a prefix. */
export function readPhoneNumbers(
  texts: readonly string[],
  country: string,
  path: readonly string[],
  problems: Problem[],
): PhoneNumber[] {
  if (texts.length > MAX_ADDRESSES_PER_CONTACT) {
    problems.push(problem("TOO_MANY", `A contact has at most ${MAX_ADDRESSES_PER_CONTACT} phone numbers.`, path));
    return [];
  }
  const numbers = new Map<string, PhoneNumber>();
  for (const [index, text] of texts.entries()) {
    const phone = readPhoneNumber(text, country);
    if (phone) numbers.set(phone.number, numbers.get(phone.number) ?? phone);
    else problems.push(problem("INVALID_PHONE", `This is not a possible phone number.`, [...path, String(index)]));
  }
  return [...numbers.values()];
}

function readPhoneNumber(text: string, country: string): PhoneNumber | null {
  if (text.length > MAX_LENGTH) return null;
  const parsed = parsePhoneNumberFromString(text, { defaultCountry: country as CountryCode, extract: false });
  if (!parsed?.isPossible() || parsed.ext) return null;
  return { number: parsed.number, country: parsed.country ?? null };
}

/** Whether a two-letter code is a country that has phone numbers. */
export function isCountry(code: string): boolean {
  return isSupportedCountry(code as CountryCode);
}
