/** Values of two headers, unfolded, with encoded words as they came; cheap enough for every message received. */
export function subjectAndMessageId(raw: string): { subject: string; messageId: string } {
  const end = raw.search(/\r?\n\r?\n/);
  const head = end < 0 ? raw : raw.slice(0, end);
  return { subject: decodeWords(value(head, "subject")), messageId: value(head, "message-id") };
}

function value(head: string, name: string): string {
  const found = new RegExp(`^${name}:[ \\t]*([^\\r\\n]*(?:\\r?\\n[ \\t]+[^\\r\\n]*)*)`, "im").exec(head);
  return (found?.[1] ?? "").replaceAll(/\r?\n[ \t]+/g, " ").trim();
}

/** RFC 2047 words in UTF-8, which is what senders of this century write. */
function decodeWords(text: string): string {
  return text.replaceAll(/(\?=)\s+(=\?)/g, "$1$2").replaceAll(/(?:=\?utf-8\?([bq])\?[^?]*\?=)+/gi, (words) => {
    const parts = [...words.matchAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi)];
    // Joined as bytes: a character may be cut between two words.
    return Buffer.concat(parts.map(([, kind, body = ""]) => wordBytes(kind, body))).toString("utf8");
  });
}

function wordBytes(kind: string | undefined, body: string): Buffer {
  if (kind?.toLowerCase() === "b") return Buffer.from(body, "base64");
  const latin = body
    .replaceAll("_", " ")
    .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(latin, "latin1");
}
