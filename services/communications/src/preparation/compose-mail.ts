import MailComposer from "nodemailer/lib/mail-composer";
import { htmlToText } from "./html-to-text.ts";

export type Mail = {
  from: { name: string; address: string };
  to: string;
  subject: string;
  html: string;
  /** `<…@domain>` */
  messageIdHeader: string;
  /** Where one click unsubscribes; null for mail that a person writes. */
  unsubscribeUrl: string | null;
  date: Date;
};

const CONTROL = /\p{Cc}+/gu;

/**
 * The bytes of an RFC 5322 message: HTML with a plain text beside it, and the headers of RFC 8058 where it can be
 * unsubscribed. Nothing in a name or a subject reaches into a header; nothing is read from files or the network.
 */
export function composeMail(mail: Mail): Promise<Buffer> {
  const composer = new MailComposer({
    from: { name: mail.from.name.replace(CONTROL, " ").trim(), address: mail.from.address },
    to: { name: "", address: mail.to },
    subject: mail.subject.replace(CONTROL, " ").trim(),
    text: htmlToText(mail.html),
    html: mail.html,
    messageId: mail.messageIdHeader,
    date: mail.date,
    headers: mail.unsubscribeUrl
      ? {
          "List-Unsubscribe": onOneLine(`<${mail.unsubscribeUrl}>`),
          "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
      : {},
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

/** A folded URL is legal and still trips readers that look line by line; SMTP allows 998 characters (RFC 5322 section 2.1.1). */
function onOneLine(value: string): { prepared: true; foldLines: false; value: string } {
  return { prepared: true, foldLines: false, value };
}
