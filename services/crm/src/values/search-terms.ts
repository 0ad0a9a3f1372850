/** Terms of one object at most: what keeps its index entries bounded. */
const MAX_TERMS = 500;
const MAX_TERM_LENGTH = 64;

/** Whole words a search finds by their beginning: the parts of names, addresses whole and in parts, numbers as dialed. */
export function searchTerms(parts: {
  names?: readonly (string | null)[];
  emails?: readonly string[];
  phones?: readonly string[];
}): string[] {
  const terms = new Set<string>();
  for (const name of parts.names ?? []) for (const word of wordsOf(name ?? "")) terms.add(word);
  for (const email of parts.emails ?? []) {
    terms.add(normalized(email));
    for (const word of wordsOf(email)) terms.add(word);
  }
  for (const phone of parts.phones ?? []) {
    const digits = phone.replaceAll(/\D/g, "");
    // A number is also looked for without its country's prefix, which has one to three digits.
    for (const skip of [0, 1, 2, 3]) terms.add(digits.slice(skip));
  }
  return [...terms]
    .filter((term) => term !== "")
    .slice(0, MAX_TERMS)
    .map((term) => term.slice(0, MAX_TERM_LENGTH));
}

/** A condition on `field` that holds where every word of `search` begins a term; null where there is nothing to look for. */
export function searchCondition(field: string, search: string): { $and: Record<string, RegExp>[] } | null {
  const words = queryWords(search);
  if (words.length === 0) return null;
  return { $and: words.map((word) => ({ [field]: new RegExp(`^${escaped(word)}`) })) };
}

function queryWords(search: string): string[] {
  const text = normalized(search.slice(0, 200)).trim();
  if (/^\+?[\d\s().\-/]+$/.test(text) && /\d/.test(text)) {
    const digits = text.replaceAll(/\D/g, "");
    // National numbers are written with a zero that E.164 leaves out.
    return [text.startsWith("+") ? digits : digits.replace(/^0+(?=\d)/, "")];
  }
  return text
    .split(/\s+/)
    .flatMap((word) => (word.includes("@") ? [word] : wordsOf(word)))
    .filter((word) => word !== "")
    .slice(0, 10)
    .map((word) => word.slice(0, MAX_TERM_LENGTH));
}

function wordsOf(text: string): string[] {
  return normalized(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

function normalized(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
