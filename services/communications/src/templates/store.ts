import type { Database, Filter, OrganizationScope, Session, TenantCollection } from "@cadenza/storage";
import type { Viewer } from "../viewer.ts";
import { ANY_CASE, type TemplateDocument, TEMPLATES_COLLECTION } from "./template.ts";

export type TemplateSearch = { channel: string | null; search: string | null; after: string | null; limit: number };

export class TemplateStore {
  readonly #templates: TenantCollection<TemplateDocument>;

  constructor(database: Database) {
    this.#templates = database.tenant(TEMPLATES_COLLECTION);
  }

  /** In the order of `ids`; null where there is none. */
  findByIds(scope: OrganizationScope, ids: readonly string[], session?: Session): Promise<(TemplateDocument | null)[]> {
    return this.#templates.findByIds(scope, ids, session);
  }

  /** Those of any channel with one of these names, whatever its case; there may be several of one name. */
  async named(scope: OrganizationScope, names: readonly string[]): Promise<TemplateDocument[]> {
    if (names.length === 0) return [];
    const options = { sort: { _id: 1 }, projection: { body: 0 }, collation: ANY_CASE } as const;
    return this.#templates.find(scope, { name: { $in: [...new Set(names)] } }, options);
  }

  /** Those that the viewer may see: shared ones and their own; an admin sees all. */
  async findVisible(viewer: Viewer, ids: readonly string[]): Promise<(TemplateDocument | null)[]> {
    const found = await this.#templates.findByIds(viewer.scope, ids);
    return found.map((template) => (template && isVisible(viewer, template) ? template : null));
  }

  async search(viewer: Viewer, search: TemplateSearch): Promise<TemplateDocument[]> {
    const conditions: Filter<TemplateDocument>[] = [];
    if (viewer.role !== "ADMIN") conditions.push({ $or: [{ shared: true }, { ownerId: viewer.userId }] });
    if (search.channel) conditions.push({ channel: search.channel as TemplateDocument["channel"] });
    if (search.after) conditions.push({ _id: { $lt: search.after } });
    if (search.search) {
      const text = { $regex: escapeRegex(search.search), $options: "i" };
      conditions.push({ $or: [{ name: text }, { subject: text }] } as Filter<TemplateDocument>);
    }
    const filter = (conditions.length > 0 ? { $and: conditions } : {}) as Filter<TemplateDocument>;
    return this.#templates.find(viewer.scope, filter, { sort: { _id: -1 }, limit: search.limit });
  }

  async insert(scope: OrganizationScope, template: TemplateDocument, session: Session): Promise<void> {
    await this.#templates.insertMany(scope, [template], session);
  }

  /** @returns whether the template still had that version. */
  async replace(scope: OrganizationScope, template: TemplateDocument, session: Session): Promise<boolean> {
    const { _id, organizationId: _organizationId, version, ...values } = template;
    const filter = { _id, version: version - 1 } as Filter<TemplateDocument>;
    const { matched } = await this.#templates.updateOne(scope, filter, { $set: { ...values, version } }, session);
    return matched === 1;
  }

  async delete(scope: OrganizationScope, id: string, session: Session): Promise<void> {
    await this.#templates.deleteMany(scope, { _id: id }, session);
  }
}

export function isVisible(viewer: Viewer, template: TemplateDocument): boolean {
  return template.shared || viewer.role === "ADMIN" || template.ownerId === viewer.userId;
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
