/** Elements that end a line, and those whose content is not for readers. */
const BLOCKS: ReadonlySet<string> = new Set(
  "br p div li tr table ul ol h1 h2 h3 h4 h5 h6 blockquote hr section".split(" "),
);
const HIDDEN: ReadonlySet<string> = new Set(["script", "style", "head", "title"]);
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", apos: "'", nbsp: " " };

/** The plain text beside an HTML body: line breaks where blocks end, and links with their address. One pass, however odd the HTML. */
export function htmlToText(html: string): string {
  const parts: string[] = [];
  let hidden: string | null = null;
  let href: string | null = null;
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    const end = open < 0 ? -1 : html.indexOf(">", open);
    if (hidden === null) parts.push(html.slice(at, end < 0 ? html.length : open).replace(/\s+/g, " "));
    if (end < 0) break;
    const { name, closing, link } = tagOf(html.slice(open + 1, end));
    if (hidden !== null) hidden = closing && name === hidden ? null : hidden;
    else if (HIDDEN.has(name) && !closing) hidden = name;
    else if (name === "a") {
      if (closing && href) parts.push(` (${href})`);
      href = closing ? null : link;
    } else if (BLOCKS.has(name)) parts.push("\n");
    at = end + 1;
  }
  return decode(parts.join(""))
    .split("\n")
    .map((line) => line.trim())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function tagOf(tag: string): { name: string; closing: boolean; link: string | null } {
  const closing = tag.startsWith("/");
  const name = (/^\/?([a-zA-Z0-9]+)/.exec(tag)?.[1] ?? "").toLowerCase();
  const link = /\bhref\s*=\s*["']?([^"'\s>]+)/i.exec(tag)?.[1] ?? null;
  return { name, closing, link };
}

function decode(text: string): string {
  return text.replace(
    /&(#?\w{1,8});/g,
    (whole, name: string) => ENTITIES[name.toLowerCase()] ?? numeric(name) ?? whole,
  );
}

function numeric(name: string): string | null {
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return name.startsWith("#") && code > 31 && code <= 0x10ffff ? String.fromCodePoint(code) : null;
}
