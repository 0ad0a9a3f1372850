import type { OrganizationScope, Session } from "@cadenza/storage";
import type { Subject } from "../subjects/subject.ts";
import type { SubjectStore } from "../subjects/subject-store.ts";

type Known = { asked: Set<string>; subjects: Map<string, Subject> };

/**
 * What has become of contacts and leads, asked once a transaction: one event asks fifty workflows for the same contact, and
 * a transaction sees the same all along.
 */
export class KnownSubjects {
  readonly #subjects: Pick<SubjectStore, "follow">;
  readonly #known = new WeakMap<Session, Known>();

  constructor(subjects: Pick<SubjectStore, "follow">) {
    this.#subjects = subjects;
  }

  async of(scope: OrganizationScope, ids: readonly string[], session: Session): Promise<ReadonlyMap<string, Subject>> {
    const known = this.#known.get(session) ?? { asked: new Set(), subjects: new Map() };
    this.#known.set(session, known);
    const fresh = ids.filter((id) => !known.asked.has(id));
    if (fresh.length === 0) return known.subjects;
    for (const [id, subject] of await this.#subjects.follow(scope, fresh, session)) known.subjects.set(id, subject);
    for (const id of fresh) known.asked.add(id);
    return known.subjects;
  }
}
