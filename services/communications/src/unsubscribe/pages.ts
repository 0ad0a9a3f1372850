const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#1d2433}" +
  "button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#1d4ed8;color:#fff;cursor:pointer}";

/** Asks; only the button does it, because mail scanners open every link. */
export function askPage(address: string): string {
  return page(
    "Unsubscribe",
    `<h1>Unsubscribe?</h1><p>After this, ${escapeHtml(address)} will get no more of these emails.</p>
<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button type="submit">Unsubscribe</button></form>`,
  );
}

export function donePage(address: string): string {
  return page(
    "Unsubscribed",
    `<h1>You are unsubscribed</h1><p>${escapeHtml(address)} will get no more of these emails.</p>`,
  );
}

export function unknownPage(): string {
  return page(
    "Not found",
    "<h1>This link does not work</h1><p>It is incomplete or out of date. Use the link of a newer email.</p>",
  );
}

export function laterPage(): string {
  return page("Please try again", "<h1>That did not work just now</h1><p>Please try again in a minute.</p>");
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<title>${title}</title><style>${STYLE}</style></head><body>${body}</body></html>
`;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
