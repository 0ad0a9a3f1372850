import type { CrmReader } from "@cadenza/contracts";
import type { OrganizationScope } from "@cadenza/storage";
import { badUserInput } from "@cadenza/subgraph";

/** Behind every id: what is asked from here on finds nobody, and is only looked at. */
const BEHIND_ALL = "Z".repeat(26);

/**
 * Asks crm whether it can look for contacts by the filter, before a job is made of it.
 * @throws BAD_USER_INPUT with the path to what is wrong.
 */
export async function checkWhere(
  crm: Pick<CrmReader, "findContacts">,
  { organizationId }: OrganizationScope,
  filter: { where?: unknown },
  path: readonly string[],
): Promise<void> {
  if (filter.where === null || filter.where === undefined) return;
  const filterJson = JSON.stringify({ where: filter.where });
  const { fault } = await crm.findContacts({
    organizationId,
    contactIds: null,
    filterJson,
    afterId: BEHIND_ALL,
    limit: 1,
  });
  if (fault) throw badUserInput(fault.message, [...path, ...fault.path]);
}
