import { ServiceUnavailableError } from "@cadenza/platform";
import type { OrganizationScope } from "@cadenza/storage";
import DataLoader from "dataloader";
import { NOTHING, type ReferenceReader, type References } from "./references.ts";

type Listed = "groupIds" | "leadStatusIds" | "opportunityStatusIds";

/**
 * Which of a list's ids exist: a draft may name others, and the graph has no place for them in a list of objects. One
 * request asks crm once. While crm is away all count as existing: their fields then tell that it is.
 */
export class KnownReferences {
  readonly #loaders: Record<Listed, DataLoader<string, boolean>>;

  constructor(reader: ReferenceReader, scope: OrganizationScope) {
    const loader = (ask: (ids: string[]) => Partial<typeof NOTHING>, known: (references: References) => Known) =>
      new DataLoader<string, boolean>(async (ids) => {
        const references = await unlessAway(reader.read(scope, { ...NOTHING, ...ask([...ids]) }));
        return ids.map((id) => references === null || known(references).has(id));
      });
    this.#loaders = {
      groupIds: loader(
        (groupIds) => ({ groupIds }),
        ({ groups }) => groups,
      ),
      leadStatusIds: loader(
        (leadStatusIds) => ({ leadStatusIds }),
        (references) => references.leadStatusIds,
      ),
      opportunityStatusIds: loader(
        () => ({}),
        (references) => references.opportunityStatusIds,
      ),
    };
  }

  /** References to those of `ids` that exist, in their order. */
  async among(what: Listed, ids: readonly string[]): Promise<{ id: string }[]> {
    const exist = await Promise.all(ids.map((id) => this.#loaders[what].load(id)));
    return ids.filter((_, index) => exist[index]).map((id) => ({ id }));
  }
}

type Known = { has(id: string): boolean };

async function unlessAway<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof ServiceUnavailableError) return null;
    throw cause;
  }
}
