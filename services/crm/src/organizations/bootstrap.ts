import { readFile } from "node:fs/promises";
import { idSchema, ROLES } from "@cadenza/contracts";
import { derivedId, type Clock, type Logger } from "@cadenza/platform";
import { type Database, isDuplicateKey, organizationScope, type TenantDocument } from "@cadenza/storage";
import { z } from "zod";
import { FIRST_LEAD_STATUSES, FIRST_OPPORTUNITY_STATUSES } from "../statuses/status.ts";
import { addressKey } from "../values/email-address.ts";
import { nameKey } from "../values/names.ts";
import { searchTerms } from "../values/search-terms.ts";

const userSchema = z.object({
  id: idSchema,
  name: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
  timeZone: z.string().nullish(),
});
const organizationSchema = z.object({
  id: idSchema,
  name: z.string(),
  timeZone: z.string(),
  country: z.string().length(2).toUpperCase(),
  users: z.array(userSchema),
});
export const bootstrapSchema = z.object({ organizations: z.array(organizationSchema) });
export type BootstrapOrganization = z.infer<typeof organizationSchema>;

/** @throws where the file is missing or malformed: a start without its organizations is no start. */
export async function readBootstrapFile(path: string): Promise<BootstrapOrganization[]> {
  return bootstrapSchema.parse(JSON.parse(await readFile(path, "utf8"))).organizations;
}

/**
 * Creates the organizations and users that are missing, and the statuses of new organizations. What exists stays as it
 * is. Several replicas may do it at the same time: ids follow from the names, so they make the same documents.
 */
export async function bootstrap(
  database: Database,
  organizations: readonly BootstrapOrganization[],
  { clock, log }: { clock: Clock; log: Logger },
): Promise<void> {
  const at = clock.now();
  await Promise.all(
    organizations.map(async (organization) => {
      const insert = inserterFor(database, organization.id, log);
      const isNew = await insert("organizations", organizationDocument(organization, at));
      await Promise.all([
        ...organization.users.map((user) => insert("users", userDocument(organization.id, user, at))),
        ...statusDocuments(organization.id, at).map(([collection, document]) => insert(collection, document)),
      ]);
      if (isNew) log.info({ organizationId: organization.id }, "An organization was created.");
    }),
  );
}

/** Inserts a document where its id is missing. @returns whether it was. */
function inserterFor(database: Database, organizationId: string, log: Logger) {
  const scope = organizationScope(organizationId);
  return async (collection: string, { _id, organizationId: _own, ...fields }: TenantDocument): Promise<boolean> => {
    try {
      const options = { upsert: true };
      const { modified, matched } = await database
        .tenant(collection)
        .updateOne(scope, { _id }, { $setOnInsert: fields }, undefined, options);
      return modified > 0 && matched === 0;
    } catch (error) {
      // Another replica was faster, or another document has the name or the address.
      if (!isDuplicateKey(error)) throw error;
      log.debug({ collection, organizationId }, "A document of the first set exists already.");
      return false;
    }
  };
}

function organizationDocument(organization: BootstrapOrganization, at: Date): TenantDocument {
  const { id, name, timeZone, country } = organization;
  const settings = { visibleUnsubscribeLink: true, holdRunsOnAutoReply: false };
  return { ...document(id, id, at), name, timeZone, country, settings } as TenantDocument;
}

function userDocument(organizationId: string, user: z.infer<typeof userSchema>, at: Date): TenantDocument {
  const { id, name, email, role, timeZone } = user;
  return {
    ...document(id, organizationId, at),
    name,
    email,
    emailKey: addressKey(email),
    role,
    status: "ACTIVE",
    away: false,
    timeZone: timeZone ?? null,
    searchTerms: searchTerms({ names: [name], emails: [email] }),
  } as TenantDocument;
}

function statusDocuments(organizationId: string, at: Date): [string, TenantDocument][] {
  const idOf = (position: number, ...parts: string[]) => derivedId(new Date(position), organizationId, ...parts);
  return [
    ...FIRST_LEAD_STATUSES.map((name, position): [string, TenantDocument] => {
      const id = idOf(position, "leadStatus", name);
      return ["leadStatuses", { ...document(id, organizationId, at), name, nameKey: nameKey(name) } as TenantDocument];
    }),
    ...FIRST_OPPORTUNITY_STATUSES.map(({ name, kind }, position): [string, TenantDocument] => {
      const id = idOf(position, "opportunityStatus", name);
      const fields = { name, nameKey: nameKey(name), kind };
      return ["opportunityStatuses", { ...document(id, organizationId, at), ...fields } as TenantDocument];
    }),
  ];
}

function document(_id: string, organizationId: string, at: Date) {
  return { _id, organizationId, version: 1, createdAt: at, updatedAt: at };
}
