import type {
  CheckReferencesResponse,
  CheckTemplatesResponse,
  CrmReader,
  CustomFieldView,
  SendsService,
  Trigger,
} from "@cadenza/contracts";
import { isId } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";
import { customFieldIdOf } from "./custom-field-id.ts";
import type { ReferenceIds } from "./reference-ids.ts";
import { testsOf } from "./tests-of.ts";

/** Which of them exist in the organization, and what they are. */
export type References = {
  organizationTimeZone: string;
  users: ReadonlyMap<string, "ACTIVE" | "DEACTIVATED">;
  /** How many active members each has. */
  groups: ReadonlyMap<string, number>;
  customFields: ReadonlyMap<string, CustomFieldView>;
  leadStatusIds: ReadonlySet<string>;
  opportunityStatusIds: ReadonlySet<string>;
  templates: ReadonlyMap<string, CheckTemplatesResponse["templates"][number]>;
};

export const NOTHING: ReferenceIds = {
  userIds: [],
  groupIds: [],
  customFieldIds: [],
  leadStatusIds: [],
  templateIds: [],
};

/** Asks crm and communications at once, with one call each. */
export class ReferenceReader {
  readonly #crm: Pick<CrmReader, "checkReferences">;
  readonly #sends: Pick<SendsService, "checkTemplates">;

  constructor(peers: { crm: Pick<CrmReader, "checkReferences">; sends: Pick<SendsService, "checkTemplates"> }) {
    this.#crm = peers.crm;
    this.#sends = peers.sends;
  }

  /** @throws ServiceUnavailableError when one of them does not answer. */
  async read(scope: OrganizationScope, ids: ReferenceIds): Promise<References> {
    const { organizationId } = scope;
    const { templateIds, ...crmIds } = ids;
    const [crm, sends] = await Promise.all([
      this.#crm.checkReferences({ organizationId, ...crmIds }),
      templateIds.length > 0 ? this.#sends.checkTemplates({ organizationId, templateIds }) : { templates: [] },
    ]);
    return referencesOf(crm, sends);
  }

  /** The custom fields of a trigger's conditions; nobody is asked where there are none. */
  async readTrigger(scope: OrganizationScope, trigger: Trigger): Promise<Pick<References, "customFields">> {
    const ids = testsOf(trigger.conditions).map(({ path }) => customFieldIdOf(path));
    const customFieldIds = [...new Set(ids.filter(isId))];
    return customFieldIds.length > 0 ? this.read(scope, { ...NOTHING, customFieldIds }) : { customFields: new Map() };
  }

  /** The organization's zone, and whether a user exists and is active: all that saving a draft needs. */
  async readOwner(scope: OrganizationScope, ownerId: string): Promise<References> {
    return this.read(scope, { ...NOTHING, userIds: [ownerId].filter(isId) });
  }
}

function referencesOf(crm: CheckReferencesResponse, sends: CheckTemplatesResponse): References {
  return {
    organizationTimeZone: crm.organizationTimeZone,
    users: new Map(crm.users.map(({ id, status }) => [id, status])),
    groups: new Map(crm.groups.map(({ id, activeMembers }) => [id, activeMembers])),
    customFields: new Map(crm.customFields.map((field) => [field.id, field])),
    leadStatusIds: new Set(crm.leadStatusIds),
    opportunityStatusIds: new Set(crm.opportunityStatusIds),
    templates: new Map(sends.templates.map((template) => [template.id, template])),
  };
}
