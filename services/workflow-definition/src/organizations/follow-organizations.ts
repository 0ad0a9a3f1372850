import type { OrganizationChanged } from "@cadenza/contracts";
import { type Committer, consume, type Consumer, type UnitOfWork } from "@cadenza/messaging";
import { type OrganizationScope, organizationScope } from "@cadenza/storage";
import type { Rollouts } from "../rollouts/rollouts.ts";
import type { RolloutWorker } from "../rollouts/worker.ts";
import type { OrganizationStore } from "./store.ts";

export type FollowOrganizationsOptions = {
  committer: Committer;
  organizations: OrganizationStore;
  rollouts: Rollouts;
  worker: RolloutWorker;
  /** Copies of the streams. */
  replicas: number;
};

/** An organization's new zone counts the days of its workflows without a schedule from now on (SCH-5). */
export function followOrganizations(options: FollowOrganizationsOptions): Promise<Consumer> {
  const { committer, replicas, worker } = options;
  return consume({
    committer,
    durable: "workflow-definition-organizations",
    kinds: ["organizationChanged"],
    replicas,
    handle: async (envelopes, unit) => {
      const newest = new Map<string, OrganizationChanged>();
      for (const { organizationId, items } of envelopes) {
        for (const item of items) {
          if ((newest.get(organizationId)?.version ?? 0) < item.version) newest.set(organizationId, item);
        }
      }
      // An organization's settings change a few times in its life: there is one here, hardly ever two.
      for (const [organizationId, change] of newest) {
        const scope = organizationScope(organizationId);
        const rolloutId = await learn(options, scope, change, unit);
        if (rolloutId) unit.afterCommit(() => void worker.carry(scope, rolloutId));
      }
    },
  });
}

async function learn(
  { organizations, rollouts }: FollowOrganizationsOptions,
  scope: OrganizationScope,
  { version, timeZone, actor }: OrganizationChanged,
  unit: UnitOfWork,
): Promise<string | null> {
  const known = await organizations.find(scope, unit.session);
  if (known && known.version >= version) return null;
  await organizations.save(scope, { version, timeZone }, unit.session);
  if (known?.timeZone === timeZone) return null;
  const cause = { kind: "ORGANIZATION_TIME_ZONE" } as const;
  return rollouts.begin(scope, { cause, author: actor, note: "Organization's time zone changed" }, unit);
}
