import type { Channel } from "@cadenza/sending";
import type { IndexDefinition, TenantDocument } from "@cadenza/storage";

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

export const TEMPLATE_INDEXES: IndexDefinition[] = [
  { collection: TEMPLATES_COLLECTION, key: { organizationId: 1, _id: -1 }, options: { name: "newest" } },
];
