import type { ContactView, LeadView, OpportunityView } from "@cadenza/contracts";

/** A lead, contact or opportunity as an event told of it, which may not be as it is at present. */
export class ToldObject {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #isWhole: boolean;
  /** What it is at present; undefined where that has not been read. */
  readonly present: LeadView | ContactView | OpportunityView | null | undefined;

  /** @param isWhole whether a field that `fields` leaves out was empty, as with something that was created; else it is as at present. */
  constructor(
    fields: Readonly<Record<string, unknown>>,
    isWhole: boolean,
    present?: LeadView | ContactView | OpportunityView | null,
  ) {
    this.#fields = fields;
    this.#isWhole = isWhole;
    this.present = present;
  }

  /** Undefined where the event says nothing of the field. */
  told(field: string): { value: unknown } | undefined {
    if (Object.hasOwn(this.#fields, field)) return { value: this.#fields[field] };
    return this.#isWhole && !NEVER_TOLD.has(field) ? { value: null } : undefined;
  }
}

/** Fields that every object has and no event tells of. */
const NEVER_TOLD: ReadonlySet<string> = new Set(["id", "createdAt", "updatedAt"]);
