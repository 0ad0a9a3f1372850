import type { TriggerEvent } from "@cadenza/contracts";
import { objectOf, readNamedField } from "./field-reference.ts";
import {
  type Channel,
  findNamed,
  findTemplate,
  findUser,
  findValue,
  type NameBook,
  type Named,
  type NameFault,
} from "./name-book.ts";
import { kindOfStandardPath, type ValueKind } from "./value-kind.ts";

/** Where a reference stands: the step by its number from 0, or null, and the path as in the input. */
export type Place = { step: number | null; field: string };
export type NameProblem = Place & { code: string; message: string };

/** What the graph's conditions have for a path, and what kind of values stand behind it. */
export type ResolvedPath = { path: string; kind: ValueKind | null };

/** Names to ids. What cannot be resolved is noted in `problems` and left empty. */
export class NameResolver {
  readonly problems: NameProblem[] = [];
  /** Where a reference stays empty: what could not be resolved, and what was empty before. */
  readonly empty: Place[] = [];
  readonly #book: NameBook;

  constructor(book: NameBook) {
    this.#book = book;
  }

  user(text: string | null | undefined, place: Place): string | null {
    return this.#one("user", text, place, (name) => findUser(this.#book, name));
  }

  groups(texts: readonly (string | null)[] | null | undefined, place: Place): string[] {
    return this.#many("group", texts, place, (name) => findNamed(this.#book.groups, name));
  }

  leadStatuses(texts: readonly (string | null)[] | null | undefined, place: Place): string[] {
    return this.#many("lead status", texts, place, (name) => findNamed(this.#book.leadStatuses, name));
  }

  opportunityStatuses(texts: readonly (string | null)[] | null | undefined, place: Place): string[] {
    return this.#many("opportunity status", texts, place, (name) => findNamed(this.#book.opportunityStatuses, name));
  }

  calendars(texts: readonly (string | null)[] | null | undefined, place: Place): string[] {
    return this.#many("blackout calendar", texts, place, (name) => findNamed(this.#book.calendars, name));
  }

  template(channel: Channel, text: string | null | undefined, place: Place): string | null {
    const what = channel === "EMAIL" ? "email template" : "SMS template";
    return this.#one(what, text, place, (name) => findTemplate(this.#book, channel, name));
  }

  /** `lead.custom["Account owner"]` as the id of that field. */
  customField(text: string | null | undefined, place: Place): string | null {
    return this.#one("custom field", text, place, (reference) => this.#fieldCalled(reference, null));
  }

  /** `lead.custom["Budget"]` as `lead.custom.<id>`; a path without a name in it stays as it is. */
  path(text: string, event: TriggerEvent | null, place: Place): ResolvedPath {
    const named = readNamedField(text);
    if (!named) return { path: text, kind: kindOfStandardPath(text, event) };
    const found = this.#one("custom field", text, place, () => this.#fieldCalled(text, event));
    const field = this.#book.customFields.find(({ id }) => id === found);
    return { path: `${named.owner}.custom.${found ?? kept(named.name)}`, kind: field?.type === "USER" ? "USER" : null };
  }

  /** A value, or each of a list, that stands for something: its id, or null where nobody is called so. */
  value(kind: ValueKind, value: unknown, place: Place): unknown {
    if (Array.isArray(value)) {
      return value.map((entry, index) => this.value(kind, entry, { ...place, field: `${place.field}.${index}` }));
    }
    if (value === null) this.empty.push(place);
    if (typeof value !== "string") return value;
    return this.#one(WHAT[kind], value, place, (name) => findValue(this.#book, kind, name));
  }

  #fieldCalled(text: string, event: TriggerEvent | null): Named | NameFault {
    const named = readNamedField(text);
    if (!named) return "NAME_NOT_FOUND";
    const object = objectOf(named.owner, event);
    return findNamed(
      this.#book.customFields.filter((field) => field.object === object),
      named.name,
    );
  }

  #many(
    what: string,
    texts: readonly (string | null)[] | null | undefined,
    place: Place,
    find: (name: string) => Named | NameFault,
  ): string[] {
    return (texts ?? []).flatMap((text, index) => {
      return this.#one(what, text, { ...place, field: `${place.field}.${index}` }, find) ?? [];
    });
  }

  #one(
    what: string,
    text: string | null | undefined,
    place: Place,
    find: (name: string) => Named | NameFault,
  ): string | null {
    if (text === null || text === undefined) return null;
    const found = find(text);
    if (typeof found !== "string") return found.id;
    const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
    const message =
      found === "NAME_NOT_FOUND"
        ? `There is no ${what} called "${shown}"; choose another.`
        : `Several have the name "${shown}"; choose the ${what} that is meant.`;
    this.problems.push({ ...place, code: found, message });
    this.empty.push(place);
    return null;
  }
}

const WHAT: Record<ValueKind, string> = {
  LEAD_STATUS: "lead status",
  OPPORTUNITY_STATUS: "opportunity status",
  USER: "user",
};

/** What stays in a path for a field that nobody knows: its name, so that activation still says what is missing. */
function kept(name: string): string {
  return name.slice(0, 100) || "?";
}
