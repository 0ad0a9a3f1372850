import type { ParsedMail } from "mailparser";
import type { Mail, MailEntry } from "./mail-store.ts";

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; color: #1d2430; background: #f6f7f9; margin: 0 }
  main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  table { border-collapse: collapse; width: 100%; background: #fff; border: 1px solid #dfe3e8 }
  td, th { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid #edf0f3; vertical-align: top }
  th { font-weight: 600; color: #5b6675 }
  a { color: #1a56db; text-decoration: none } a:hover { text-decoration: underline }
  pre, iframe { background: #fff; border: 1px solid #dfe3e8; width: 100%; box-sizing: border-box; padding: .75rem; margin: 0 }
  pre { white-space: pre-wrap; overflow-wrap: anywhere } iframe { height: 16rem; resize: vertical }
  .about { color: #5b6675 } details { margin: 1.5rem 0 } summary { cursor: pointer; font-weight: 600; margin-bottom: .5rem }
  h2 { font-size: 1rem; margin: 1.5rem 0 .5rem }
`;

const MAIL_HEAD = '<base target="_blank"><style>body { font: 15px/1.5 system-ui, sans-serif }</style>';

function html(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>${escapeHtml(title)}</title><style>${STYLE}</style><main>${body}</main></html>`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Newest first. */
export function listPage(entries: readonly MailEntry[], total: number): string {
  const rows = entries.map(
    ({ index, from, to, subject }) =>
      `<tr><td>${escapeHtml(from)}</td><td>${escapeHtml(to.join(", "))}</td>` +
      `<td><a href="/mails/${index}">${escapeHtml(subject || "(no subject)")}</a></td></tr>`,
  );
  const table = `<table><tr><th>From</th><th>To</th><th>Subject</th></tr>${rows.join("")}</table>`;
  const count = total > entries.length ? `The newest ${entries.length} of ${total} messages` : `${total} in all`;
  const shown = rows.length
    ? `<p>${count}, newest first.</p>${table}`
    : "<p>Nothing has arrived yet. Load the page again once a workflow has sent something.</p>";
  const about = '<p class="about">Mail from the seeded accounts ends here; none of it leaves this machine.</p>';
  return html("Mailbox", `<h1>Mailbox</h1>${about}${shown}`);
}

export function mailPage(mail: Mail, parsed: ParsedMail): string {
  const facts: [string, string][] = [
    ["From", parsed.from?.text ?? mail.from],
    ["To", mail.to.join(", ")],
    ["Subject", parsed.subject ?? mail.subject],
    ["Date", parsed.date?.toISOString() ?? ""],
    ["Message-ID", mail.messageId],
  ];
  const table = facts.map(([name, value]) => `<tr><th>${name}</th><td>${escapeHtml(value)}</td></tr>`).join("");
  // The sandbox runs no script and sends nothing: a mail is a stranger's page. Its links open in a tab of their own.
  const shown = parsed.html
    ? `<h2>HTML</h2><iframe sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escapeHtml(MAIL_HEAD + parsed.html)}" title="HTML of the message"></iframe>`
    : "";
  const text = parsed.text ? `<h2>Text</h2><pre>${escapeHtml(parsed.text)}</pre>` : "";
  const source = `<details><summary>Source with all headers</summary><pre>${escapeHtml(mail.raw)}</pre></details>`;
  const body = `<p><a href="/">← Mailbox</a></p><table>${table}</table>${shown}${text}${source}`;
  return html(parsed.subject ?? "Message", body);
}
