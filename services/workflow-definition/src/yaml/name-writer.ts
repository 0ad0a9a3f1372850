import type { TriggerEvent } from "@cadenza/contracts";
import { objectOf, writeNamedField } from "./field-reference.ts";
import { type Channel, type NameBook, nameOfValue, type Named, writeUser } from "./name-book.ts";
import { kindOfStandardPath, type ValueKind } from "./value-kind.ts";

export type DocumentPath = readonly (string | number)[];
/** A comment at a value of the document. */
export type Remark = { path: DocumentPath; text: string };

const CUSTOM = /^(lead|contact|opportunity|event\.data)\.custom\.(.+)$/su;

/** Ids to names. An id that leads nowhere becomes null, with a remark that tells it. */
export class NameWriter {
  readonly remarks: Remark[] = [];
  readonly #book: NameBook;

  constructor(book: NameBook) {
    this.#book = book;
  }

  user(id: string | null, path: DocumentPath): string | null {
    const user = this.#book.users.find((each) => each.id === id);
    return user ? writeUser(user) : this.#nothing("user", id, path);
  }

  groups(ids: readonly string[], path: DocumentPath): (string | null)[] {
    return ids.map((id, index) => this.#named("group", this.#book.groups, id, [...path, index]));
  }

  calendars(ids: readonly string[], path: DocumentPath): (string | null)[] {
    return ids.map((id, index) => this.#named("blackout calendar", this.#book.calendars, id, [...path, index]));
  }

  template(channel: Channel, id: string | null, path: DocumentPath): string | null {
    const ofChannel = this.#book.templates.filter((template) => template.channel === channel);
    return this.#named(channel === "EMAIL" ? "email template" : "SMS template", ofChannel, id, path);
  }

  customField(id: string | null, path: DocumentPath): string | null {
    const field = this.#book.customFields.find((each) => each.id === id);
    if (!field) return this.#nothing("custom field", id, path);
    return writeNamedField(field.object.toLowerCase(), field.name);
  }

  /** `lead.custom.<id>` by the field's name; an id that is none stands in the name's place, so that nothing is lost. */
  path(path: string, event: TriggerEvent | null, at: DocumentPath): { text: string; kind: ValueKind | null } {
    const [, owner, id] = CUSTOM.exec(path) ?? [];
    const object = owner ? objectOf(owner, event) : null;
    // In data whose names are somebody else's, "custom" is one of those.
    if (!owner || !id || object === null) return { text: path, kind: kindOfStandardPath(path, event) };
    const field = this.#book.customFields.find((each) => each.id === id);
    if (field?.object === object) {
      return { text: writeNamedField(owner, field.name), kind: field.type === "USER" ? "USER" : null };
    }
    this.#remark(`no custom field of this object has the id ${id}`, at);
    return { text: writeNamedField(owner, id), kind: null };
  }

  /** Of a field that a step sets: its own object's, whatever object the step is about. */
  assignedField(field: string, owner: string, at: DocumentPath): { text: string; isUser: boolean } {
    const id = field.slice("custom.".length);
    const known = this.#book.customFields.find((each) => each.id === id);
    if (known) return { text: writeNamedField(known.object.toLowerCase(), known.name), isUser: known.type === "USER" };
    this.#remark(`no custom field has the id ${id}`, at);
    return { text: writeNamedField(owner, id), isUser: false };
  }

  /** A value that stands for something, or each of a list. */
  value(kind: ValueKind, value: unknown, path: DocumentPath): unknown {
    if (Array.isArray(value)) return value.map((entry, index) => this.value(kind, entry, [...path, index]));
    if (typeof value !== "string") return value;
    return nameOfValue(this.#book, kind, value) ?? this.#nothing(kind.toLowerCase().replace("_", " "), value, path);
  }

  values(kind: ValueKind, ids: readonly string[], path: DocumentPath): (string | null)[] {
    return ids.map((id, index) => {
      const text = this.value(kind, id, [...path, index]);
      return typeof text === "string" ? text : null;
    });
  }

  /** Whether a value is an id of something that has a name. */
  knows(kind: ValueKind, value: unknown): boolean {
    return typeof value === "string" && nameOfValue(this.#book, kind, value) !== null;
  }

  #named(what: string, things: readonly Named[], id: string | null, path: DocumentPath): string | null {
    return things.find((thing) => thing.id === id)?.name ?? this.#nothing(what, id, path);
  }

  #nothing(what: string, id: string | null, path: DocumentPath): null {
    if (id !== null) this.#remark(`no ${what} has the id ${id}`, path);
    return null;
  }

  #remark(text: string, path: DocumentPath): void {
    this.remarks.push({ path, text: text.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "?") });
  }
}
