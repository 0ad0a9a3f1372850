import type { CatalogResponse, FindTemplatesResponse } from "@cadenza/contracts";
import { nameKey } from "../name-key.ts";
import type { ValueKind } from "./value-kind.ts";

export type Named = { id: string; name: string };
export type Channel = "EMAIL" | "SMS";
/** What an organization calls its things, as far as one document needs it. */
export type NameBook = Pick<
  CatalogResponse,
  "users" | "groups" | "customFields" | "leadStatuses" | "opportunityStatuses"
> & { templates: FindTemplatesResponse["templates"]; calendars: readonly Named[] };

export type NameFault = "NAME_NOT_FOUND" | "NAME_AMBIGUOUS";

/** The one that is called so: exactly, or else but for its case. */
export function findNamed<T extends Named>(things: readonly T[], name: string): T | NameFault {
  const alike = things.filter((thing) => nameKey(thing.name) === nameKey(name));
  const exact = alike.filter((thing) => thing.name === name);
  const [first, second] = exact.length > 0 ? exact : alike;
  if (!first) return "NAME_NOT_FOUND";
  return second ? "NAME_AMBIGUOUS" : first;
}

/** Of several templates of one name, the shared one is meant: others cannot be used in a step. */
export function findTemplate(book: NameBook, channel: Channel, name: string): Named | NameFault {
  const ofChannel = book.templates.filter((template) => template.channel === channel);
  const shared = findNamed(
    ofChannel.filter((template) => template.shared),
    name,
  );
  return shared === "NAME_NOT_FOUND" ? findNamed(ofChannel, name) : shared;
}

const WITH_ADDRESS = /^(?<name>.*)<(?<address>[^<>]+)>\s*$/su;

/** `Ada Lovelace <ada@demo.example>`: the address decides, the name is for the reader. */
export function writeUser({ name, email }: { name: string; email: string }): string {
  return `${name} <${email}>`;
}

/** The address that a text gives for a user; null where it is only a name. */
export function addressIn(text: string): string | null {
  const address = WITH_ADDRESS.exec(text)?.groups?.["address"] ?? text;
  return address.includes("@") ? address.trim() : null;
}

export function findUser(book: NameBook, text: string): Named | NameFault {
  const address = addressIn(text);
  if (address === null) return findNamed(book.users, text);
  return book.users.find(({ email }) => email.toLowerCase() === address.toLowerCase()) ?? "NAME_NOT_FOUND";
}

/** What a value that stands for something is called; null where the organization has nothing with that id. */
export function nameOfValue(book: NameBook, kind: ValueKind, id: string): string | null {
  if (kind === "USER") {
    const user = book.users.find((each) => each.id === id);
    return user ? writeUser(user) : null;
  }
  return statusesOf(book, kind).find((status) => status.id === id)?.name ?? null;
}

export function findValue(book: NameBook, kind: ValueKind, text: string): Named | NameFault {
  return kind === "USER" ? findUser(book, text) : findNamed(statusesOf(book, kind), text);
}

function statusesOf(book: NameBook, kind: Exclude<ValueKind, "USER">): readonly Named[] {
  return kind === "LEAD_STATUS" ? book.leadStatuses : book.opportunityStatuses;
}
