import { type OrganizationScope, organizationScope } from "@cadenza/storage";
import type { Committer } from "./committer.ts";
import { type Consumer, consume } from "./consume.ts";
import { MergedSubjects, type SubjectMoves } from "./merged-subjects.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

export type ConsumeMergesOptions = {
  committer: Committer;
  /** Name of the durable consumer. */
  durable: string;
  /** Copies of the streams (default 1). */
  replicas?: number;
  /** Makes what names the merged leads and contacts name those that stay; in the transaction of `unit`. */
  move: (scope: OrganizationScope, moves: SubjectMoves, unit: UnitOfWork) => Promise<void>;
};

/** Follows the merges of leads and contacts in a service whose documents name them (RUN-9). */
export function consumeMerges({ committer, durable, replicas = 1, move }: ConsumeMergesOptions): Promise<Consumer> {
  const merged = new MergedSubjects(committer.database);
  return consume({
    committer,
    durable,
    kinds: ["subjectMerged"],
    replicas,
    handle: async (envelopes, unit) => {
      for (const [organizationId, own] of Map.groupBy(envelopes, (envelope) => envelope.organizationId)) {
        const scope = organizationScope(organizationId);
        const changes = own.flatMap(({ items }) => items);
        const moves = await merged.movesOf(scope, changes, unit.session);
        if (moves) await move(scope, moves, unit);
      }
    },
  });
}
