import { MAX_URL } from "./limits.ts";
import { type Problem, problem } from "./problem.ts";
import { tooLong } from "./text.ts";

/** An address of the web, as given; empty is null (CRM-1: http and https only). */
export function readUrl(text: string | null, path: readonly string[], problems: Problem[]): string | null {
  const url = text?.trim() || null;
  if (url === null) return null;
  if (url.length > MAX_URL) problems.push(tooLong(MAX_URL, path));
  else if (!isWebUrl(url)) {
    problems.push(problem("INVALID_URL", "This is not a web address: it must begin with http:// or https://.", path));
  }
  return url;
}

export function isWebUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s\p{Cc}]+$/iu.test(text)) return false;
  return URL.canParse(text);
}
