import type { StepResult, UpdateLeadCommand } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { BulkOperation, OrganizationScope, TenantCollection } from "@cadenza/storage";
import type { Catalog } from "../catalog/catalog.ts";
import { documentUpdate } from "../changes/document-update.ts";
import type { Crm } from "../crm.ts";
import type { CustomField } from "../custom-fields/custom-field.ts";
import { currentPlaces } from "../merging/current-places.ts";
import { userView } from "../users/user.ts";
import { contactView, opportunityView, organizationView } from "../rpc/views.ts";
import { type BatchFacts, decideUpdateLead, type TemplateFacts } from "./decide-update-lead.ts";

/** A catalog, then users: more cannot be asked for. */
const MAX_ROUNDS = 4;

/** Has the effect of a batch of Update Lead commands: one read, one decision each, one write (architecture, invariant 2). */
export function updateLeadEffect({ stores, catalogs, committer }: Crm) {
  const fields: TenantCollection<CustomField> = committer.database.tenant("customFields");

  return async (
    received: UpdateLeadCommand[],
    unit: UnitOfWork,
    { scope }: { scope: OrganizationScope },
  ): Promise<StepResult[]> => {
    const { session } = unit;
    const read = (items: readonly UpdateLeadCommand[]) =>
      stores.leads.findByIds(scope, [...new Set(items.map(({ leadId }) => leadId))], session);
    let [commands, found] = [received, await read(received)];
    if (found.includes(null)) {
      // Some may have been merged while the commands were on their way.
      commands = await currentPlaces(stores, scope, received, session);
      found = await read(commands);
    }
    const catalog = await catalogs.recent(scope);
    const facts: BatchFacts = {
      leads: new Map(found.filter((lead) => lead !== null).map((lead) => [lead._id, lead])),
      catalog,
      isCatalogFresh: false,
      users: new Map(),
      templates: await templateFacts(scope, commands, catalog, stores),
      now: committer.clock.now(),
    };
    const decided = await decide(scope, commands, facts, unit);
    await stores.leads.collection.bulkWrite(
      scope,
      decided.pairs.map(({ before, after }) => documentUpdate(before, after)),
      session,
    );
    await fields.bulkWrite(scope, decided.fields.map(newChoices), session);
    if (decided.fields.length > 0) unit.afterCommit(() => catalogs.forget(scope));
    const { organizationId } = scope;
    if (decided.changes.length > 0) unit.tell({ kind: "crmChanged", organizationId, items: decided.changes });
    return decided.results;
  };

  /** Decides, and where something is not known, finds it out and decides again. */
  async function decide(scope: OrganizationScope, commands: UpdateLeadCommand[], first: BatchFacts, unit: UnitOfWork) {
    let facts = first;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const decision = decideUpdateLead(commands, facts);
      if (decision.kind === "decided") return decision;
      const { wanted } = decision;
      if (wanted.catalog) {
        const catalog = await catalogs.fresh(scope, unit.session);
        facts = { ...facts, catalog, isCatalogFresh: true, templates: withNames(facts.templates, catalog) };
      }
      if (wanted.userWords.length > 0) {
        const known = await stores.users.idsByWord(scope, wanted.userWords, unit.session);
        const answers = wanted.userWords.map((word): [string, string | null] => [
          word,
          known.get(word) ?? known.get(word.toLowerCase()) ?? null,
        ]);
        facts = { ...facts, users: new Map([...facts.users, ...answers]) };
      }
    }
    throw new Error("A batch of Update Lead commands asks for facts without end.");
  }
}

/** Reads what the batch's templates speak of; nothing where there are none. Beside the transaction: it is only printed. */
async function templateFacts(
  scope: OrganizationScope,
  commands: readonly UpdateLeadCommand[],
  catalog: Catalog,
  stores: Crm["stores"],
): Promise<TemplateFacts> {
  const speaking = (word: string) =>
    commands.filter(({ fields }) => fields.some(({ template }) => template?.includes(word)));
  const isTemplated = commands.some(({ fields }) => fields.some(({ template }) => template !== null));
  const contactIds = speaking("contact").map(({ contactId }) => contactId);
  const opportunityIds = speaking("opportunity").flatMap(({ opportunityId }) => opportunityId ?? []);
  const userIds = speaking("sender").map(({ creatorOrEnrollingUserId }) => creatorOrEnrollingUserId);
  const [organization, contacts, opportunities, users] = await Promise.all([
    isTemplated ? stores.organizations.find(scope) : null,
    stores.contacts.findByIds(scope, contactIds),
    stores.opportunities.findByIds(scope, opportunityIds),
    stores.users.findByIds(scope, userIds),
  ]);
  return {
    organization: organization && organizationView(organization, catalog),
    contacts: new Map(contacts.flatMap((contact) => (contact ? [[contact._id, contactView(contact)]] : []))),
    opportunities: new Map(opportunities.flatMap((deal) => (deal ? [[deal._id, opportunityView(deal, catalog)]] : []))),
    users: new Map(users.flatMap((user) => (user ? [[user._id, userView(user)]] : []))),
  };
}

function withNames(templates: TemplateFacts, catalog: Catalog): TemplateFacts {
  const { organization } = templates;
  if (!organization) return templates;
  return { ...templates, organization: { ...organization, customFieldNames: catalog.fieldNames } };
}

function newChoices(field: CustomField): BulkOperation<CustomField> {
  const update = { $addToSet: { choices: { $each: field.choices } }, $inc: { version: 1 } };
  return { updateOne: { filter: { _id: field._id }, update } } as unknown as BulkOperation<CustomField>;
}
