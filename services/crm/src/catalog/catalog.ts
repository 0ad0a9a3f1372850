import type { CrmObject, CustomField } from "../custom-fields/custom-field.ts";
import type { LeadStatus, OpportunityStatus } from "../statuses/status.ts";
import { nameKey } from "../values/names.ts";

/** What an organization has defined for itself: its fields and statuses, found by id and by name. */
export class Catalog {
  readonly fields: ReadonlyMap<string, CustomField>;
  readonly leadStatuses: readonly LeadStatus[];
  readonly opportunityStatuses: readonly OpportunityStatus[];
  /** Field id → name, of all three objects: what templates know fields by. */
  readonly fieldNames: Record<string, string>;
  readonly #fieldsByName: ReadonlyMap<string, CustomField>;
  readonly #leadStatuses: ReadonlyMap<string, LeadStatus>;
  readonly #opportunityStatuses: ReadonlyMap<string, OpportunityStatus>;

  constructor(
    fields: readonly CustomField[],
    leadStatuses: readonly LeadStatus[],
    opportunityStatuses: readonly OpportunityStatus[],
  ) {
    this.fields = new Map(fields.map((field) => [field._id, field]));
    this.fieldNames = Object.fromEntries(fields.map((field) => [field._id, field.name]));
    this.#fieldsByName = new Map(fields.map((field) => [`${field.object}:${field.nameKey}`, field]));
    this.leadStatuses = leadStatuses;
    this.opportunityStatuses = opportunityStatuses;
    this.#leadStatuses = new Map(leadStatuses.map((status) => [status._id, status]));
    this.#opportunityStatuses = new Map(opportunityStatuses.map((status) => [status._id, status]));
  }

  fieldNamed(object: CrmObject, name: string): CustomField | undefined {
    return this.#fieldsByName.get(`${object}:${nameKey(name)}`);
  }

  leadStatus(id: string): LeadStatus | undefined {
    return this.#leadStatuses.get(id);
  }

  leadStatusNamed(name: string): LeadStatus | undefined {
    return this.leadStatuses.find((status) => status.nameKey === nameKey(name));
  }

  opportunityStatus(id: string): OpportunityStatus | undefined {
    return this.#opportunityStatuses.get(id);
  }
}
