import {
  type Collection,
  type Database,
  type IndexDefinition,
  isDuplicateKey,
  type OrganizationScope,
  type Session,
  type TenantCollection,
} from "@cadenza/storage";
import { nameKey } from "../name-key.ts";

export type BlackoutCalendar = {
  _id: string;
  organizationId: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  name: string;
  /** Unique in the organization. Missing where an earlier version let two have one name. */
  nameKey?: string;
  /** Local dates, sorted. */
  dates: string[];
};

export const CALENDAR_INDEXES: IndexDefinition[] = [
  { collection: "blackoutCalendars", key: { organizationId: 1, _id: 1 }, options: { name: "byOrganization" } },
  {
    collection: "blackoutCalendars",
    key: { organizationId: 1, nameKey: 1 },
    options: { name: "byName", unique: true, partialFilterExpression: { nameKey: { $type: "string" } } },
  },
];

export class BlackoutCalendarStore {
  readonly #calendars: TenantCollection<BlackoutCalendar>;
  readonly #all: Collection<BlackoutCalendar>;

  constructor(database: Database) {
    this.#calendars = database.tenant("blackoutCalendars");
    this.#all = database.system("blackoutCalendars", "Keys of names are added to what an earlier version stored.");
  }

  /** Of two that have one name already the older gets the key: the other keeps its name until somebody gives it one. */
  async addNameKeys(): Promise<void> {
    const found = await this.#all.find({ nameKey: { $exists: false } }, { sort: { _id: 1 } }).toArray();
    if (found.length === 0) return;
    const keys = found.map(({ _id, name }) => ({
      updateOne: { filter: { _id, nameKey: { $exists: false } }, update: { $set: { nameKey: nameKey(name) } } },
    }));
    try {
      await this.#all.bulkWrite(keys, { ordered: false });
    } catch (error) {
      if (!isDuplicateKey(error, "byName")) throw error;
    }
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
    change: Pick<BlackoutCalendar, "name" | "nameKey" | "dates" | "updatedAt">,
    session: Session,
  ): Promise<BlackoutCalendar | null> {
    return this.#calendars.findOneAndUpdate(scope, { _id: id }, { $set: change, $inc: { version: 1 } }, session);
  }
}
