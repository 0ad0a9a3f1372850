import type { CrmChange } from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import type { OrganizationScope } from "@cadenza/storage";
import { newsOf } from "./news-of.ts";
import type { SubjectStore } from "./subject-store.ts";
import { SUBJECT_WAKE_SUBJECT } from "./subject-sweeper.ts";

/**
 * Notes which leads and contacts are gone and where they went, in the transaction that consumes the changes: from its commit
 * on nothing starts for them. Their runs follow page by page, for there may be thousands (RUN-9).
 */
export async function hearChanges(
  subjects: SubjectStore,
  unit: UnitOfWork,
  scope: OrganizationScope,
  changes: readonly CrmChange[],
): Promise<void> {
  const news = changes.flatMap((change) => newsOf(change) ?? []);
  if (news.length === 0) return;
  await subjects.hear(scope, news, unit.session);
  unit.wake(SUBJECT_WAKE_SUBJECT);
}
