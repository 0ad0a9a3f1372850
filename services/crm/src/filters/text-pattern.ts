import { foldCase } from "@cadenza/conditions";

/** A regular expression for the database that finds what `contains` of conditions finds: the text, whatever its case. */
export function patternOf(text: string): string {
  const spellings = (caseless ??= spellingsByLetter());
  return [...foldCase(text)].map((letter) => letterPattern(letter, spellings.get(letter))).join("");
}

/** The database's own caseless matching follows other tables than JavaScript: every spelling is written out. */
let caseless: ReadonlyMap<string, string> | undefined;

function letterPattern(letter: string, others: string | undefined): string {
  if (others !== undefined) return `[${letter}${others}]`;
  return letter.replace(/[.*+?^${}()|[\]\\/-]/, "\\$&");
}

/** All other letters that fold to a letter. */
function spellingsByLetter(): Map<string, string> {
  const spellings = new Map<string, string>();
  for (let point = 0; point <= 0x10ffff; point++) {
    // Halves of pairs are no letters.
    if (point >= 0xd800 && point <= 0xdfff) continue;
    const letter = String.fromCodePoint(point);
    const folded = foldCase(letter);
    if (folded !== letter) spellings.set(folded, (spellings.get(folded) ?? "") + letter);
  }
  return spellings;
}
