declare const scoped: unique symbol;

/** The organization that a request, an event or a job works for. Every tenant store takes one; there is no way round it. */
export type OrganizationScope = { readonly organizationId: string; readonly [scoped]: true };

/** Only at the borders: where an identity has been verified, or an envelope or a document names its organization. */
export function organizationScope(organizationId: string): OrganizationScope {
  return { organizationId } as OrganizationScope;
}
