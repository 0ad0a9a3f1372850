import type { Catalogs } from "../catalog/catalogs.ts";
import type { ReadingFacts } from "../contacts/read-contact.ts";
import { type CustomFieldValueInput, userIdsOf } from "../custom-fields/read-values.ts";
import type { OrganizationStore } from "../organizations/store.ts";
import type { UserStore } from "../users/store.ts";
import type { CrmTransaction } from "./crm-writer.ts";

/** Reads, within a transaction, what inputs are checked against. */
export class ReadingFactsSource {
  readonly #catalogs: Catalogs;
  readonly #organizations: OrganizationStore;
  readonly #users: UserStore;

  constructor(catalogs: Catalogs, organizations: OrganizationStore, users: UserStore) {
    this.#catalogs = catalogs;
    this.#organizations = organizations;
    this.#users = users;
  }

  /** @param valueInputs all custom values that the inputs hold; `userIds` users they name beside those. */
  async read(
    { scope, session }: Pick<CrmTransaction, "scope" | "session">,
    valueInputs: readonly CustomFieldValueInput[],
    userIds: readonly string[] = [],
  ): Promise<ReadingFacts> {
    const catalog = await this.#catalogs.fresh(scope, session);
    const organization = await this.#organizations.find(scope, session);
    const named = [...userIds, ...userIdsOf(valueInputs, catalog.fields)];
    return {
      catalog,
      country: organization?.country ?? "US",
      userIds: await this.#users.existing(scope, named, session),
    };
  }
}
