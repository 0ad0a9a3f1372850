import type { Channel } from "@cadenza/sending";
import type { Collation, IndexDefinition, TenantDocument } from "@cadenza/storage";

export const TEMPLATES_COLLECTION = "templates";

/** `version` is the revision in the graph. */
export type TemplateDocument = TenantDocument & {
  version: number;
  createdAt: Date;
  updatedAt: Date;
  channel: Channel;
  name: string;
  subject: string | null;
  body: string;
  shared: boolean;
  /** Null for one that an API key made. */
  ownerId: string | null;
};

/** Finds names whatever their case, with the index of the same collation. */
export const ANY_CASE: Collation = { locale: "en", strength: 2 };

export const TEMPLATE_INDEXES: IndexDefinition[] = [
  { collection: TEMPLATES_COLLECTION, key: { organizationId: 1, _id: -1 }, options: { name: "newest" } },
  {
    collection: TEMPLATES_COLLECTION,
    key: { organizationId: 1, name: 1 },
    options: { name: "byName", collation: ANY_CASE },
  },
];
