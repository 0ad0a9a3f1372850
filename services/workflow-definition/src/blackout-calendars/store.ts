import type { Database, IndexDefinition, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";

export type BlackoutCalendar = {
  _id: string;
  organizationId: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  name: string;
  /** Local dates, sorted. */
  dates: string[];
};

export const CALENDAR_INDEXES: IndexDefinition[] = [
  { collection: "blackoutCalendars", key: { organizationId: 1, _id: 1 }, options: { name: "byOrganization" } },
];

export class BlackoutCalendarStore {
  readonly #calendars: TenantCollection<BlackoutCalendar>;

  constructor(database: Database) {
    this.#calendars = database.tenant("blackoutCalendars");
  }

  /** Newest first. */
  async all(scope: OrganizationScope): Promise<BlackoutCalendar[]> {
    return this.#calendars.find(scope, {}, { sort: { _id: -1 } });
  }

  async count(scope: OrganizationScope): Promise<number> {
    return this.#calendars.count(scope, {});
  }

  async findMany(
    scope: OrganizationScope,
    ids: readonly string[],
    session?: Session,
  ): Promise<(BlackoutCalendar | null)[]> {
    return this.#calendars.findByIds(scope, ids, session);
  }

  /**
   * Reads calendars for a revision that is about to copy their dates. They are written to as well, so that a change of
   * one of them in the same moment conflicts, and neither overlooks the other.
   */
  async claim(
    scope: OrganizationScope,
    ids: readonly string[],
    session: Session,
  ): Promise<(BlackoutCalendar | null)[]> {
    if (ids.length === 0) return [];
    await this.#calendars.updateMany(scope, { _id: { $in: [...ids] } }, { $inc: { version: 1 } }, session);
    return this.#calendars.findByIds(scope, ids, session);
  }

  async insert(scope: OrganizationScope, calendar: BlackoutCalendar, session: Session): Promise<void> {
    await this.#calendars.insertMany(scope, [calendar], session);
  }

  async update(
    scope: OrganizationScope,
    id: string,
    change: Pick<BlackoutCalendar, "name" | "dates" | "updatedAt">,
    session: Session,
  ): Promise<BlackoutCalendar | null> {
    return this.#calendars.findOneAndUpdate(scope, { _id: id }, { $set: change, $inc: { version: 1 } }, session);
  }
}
