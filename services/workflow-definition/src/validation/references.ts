import type {
  CheckReferencesResponse,
  CheckTemplatesResponse,
  CrmReader,
  CustomFieldView,
  SendsService,
} from "@cadenza/contracts";
import { isId } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";
import { visibleSteps } from "../steps/places.ts";
import type { WorkflowContent } from "../workflows/model.ts";
import { customFieldIdOf } from "./custom-field-id.ts";
import { testsOf } from "./tests-of.ts";

/** What a workflow names and other services own. */
export type ReferenceIds = {
  userIds: string[];
  customFieldIds: string[];
  leadStatusIds: string[];
  templateIds: string[];
};

/** Which of them exist in the organization, and what they are. */
export type References = {
  organizationTimeZone: string;
  users: ReadonlyMap<string, "ACTIVE" | "DEACTIVATED">;
  customFields: ReadonlyMap<string, CustomFieldView>;
  leadStatusIds: ReadonlySet<string>;
  templates: ReadonlyMap<string, CheckTemplatesResponse["templates"][number]>;
};

export function referenceIdsOf(content: WorkflowContent): ReferenceIds {
  const users = new Set([content.ownerId]);
  const customFields = new Set<string>();
  const statuses = new Set<string>();
  const templates = new Set<string>();
  const add = (set: Set<string>, id: unknown): void => {
    if (isId(id)) set.add(id);
  };
  for (const { path } of testsOf(content.trigger?.conditions ?? null)) add(customFields, customFieldIdOf(path));
  for (const step of visibleSteps(content.places)) {
    const person = step.kind === "EMAIL" ? step.sender : step.kind === "TASK" ? step.assignee : null;
    add(users, person?.userId);
    add(customFields, person?.customFieldId);
    if (step.kind === "EMAIL") add(templates, step.templateId);
    if (step.kind !== "UPDATE_LEAD") continue;
    for (const { field, value } of step.fields) {
      add(customFields, customFieldIdOf(`lead.${field}`));
      if (field === "status" || field === "statusId") add(statuses, value);
    }
  }
  return {
    userIds: [...users],
    customFieldIds: [...customFields],
    leadStatusIds: [...statuses],
    templateIds: [...templates],
  };
}

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
      this.#crm.checkReferences({ organizationId, groupIds: [], ...crmIds }),
      templateIds.length > 0 ? this.#sends.checkTemplates({ organizationId, templateIds }) : { templates: [] },
    ]);
    return referencesOf(crm, sends);
  }

  /** The organization's zone, and whether a user exists and is active: all that saving a draft needs. */
  async readOwner(scope: OrganizationScope, ownerId: string): Promise<References> {
    return this.read(scope, {
      userIds: [ownerId].filter(isId),
      customFieldIds: [],
      leadStatusIds: [],
      templateIds: [],
    });
  }
}

function referencesOf(crm: CheckReferencesResponse, sends: CheckTemplatesResponse): References {
  return {
    organizationTimeZone: crm.organizationTimeZone,
    users: new Map(crm.users.map(({ id, status }) => [id, status])),
    customFields: new Map(crm.customFields.map((field) => [field.id, field])),
    leadStatusIds: new Set(crm.leadStatusIds),
    templates: new Map(sends.templates.map((template) => [template.id, template])),
  };
}
