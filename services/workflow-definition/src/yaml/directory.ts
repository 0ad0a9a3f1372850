import type { CrmReader, SendsService } from "@cadenza/contracts";
import type { RequestContext } from "@cadenza/subgraph";
import type { BlackoutCalendarStore } from "../blackout-calendars/store.ts";
import type { NameBook } from "./name-book.ts";
import type { Wanted } from "./wanted-names.ts";

export type DirectoryOptions = {
  crm: Pick<CrmReader, "catalog">;
  sends: Pick<SendsService, "findTemplates">;
  calendars: BlackoutCalendarStore;
};

/** Looks names up for whoever asks: each peer is asked once. */
export class Directory {
  readonly #options: DirectoryOptions;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** Holds of another's templates only the shared ones. @throws ServiceUnavailableError when a peer does not answer. */
  async read(
    viewer: Pick<RequestContext, "scope" | "role" | "userId">,
    { users, groups, templates }: Wanted,
  ): Promise<NameBook> {
    const { crm, sends, calendars } = this.#options;
    const { organizationId } = viewer.scope;
    const wantsTemplates = templates.ids.length + templates.names.length > 0;
    const [catalog, found, allCalendars] = await Promise.all([
      crm.catalog({ organizationId, users, groups }),
      wantsTemplates ? sends.findTemplates({ organizationId, ...templates }) : { templates: [] },
      calendars.all(viewer.scope),
    ]);
    return {
      ...catalog,
      templates: found.templates.filter(
        ({ shared, ownerId }) => shared || viewer.role === "ADMIN" || (ownerId !== null && ownerId === viewer.userId),
      ),
      calendars: allCalendars.map(({ _id: id, name }) => ({ id, name })),
    };
  }
}
