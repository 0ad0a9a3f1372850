import type { Facts } from "../runs/decide.ts";
import type { ContactSource } from "./contacts.ts";
import type { DefinitionSource } from "./definitions.ts";
import type { FactsOf, MoveReport } from "./run-mover.ts";

/** Looks up what runs asked for, outside any transaction. */
export async function lookUpFacts(
  wants: MoveReport["wants"],
  sources: { contacts: ContactSource; definitions: DefinitionSource },
): Promise<FactsOf> {
  const wanting = [...wants.values()];
  const [zones, claimed] = await Promise.all([
    sources.contacts.zonesOf(wanting.filter(({ wants }) => wants.contact).map(({ run }) => run)),
    Promise.all(
      wanting.map(({ run, wants }) =>
        wants.claimedRevision === null ? undefined : sources.definitions.revision(run, wants.claimedRevision),
      ),
    ),
  ]);
  return new Map(
    wanting.map(({ run }, i): [string, Partial<Facts>] => {
      const claimedDefinition = claimed[i];
      return [
        run._id,
        {
          ...(zones.has(run._id) ? { contact: zones.get(run._id) ?? null } : {}),
          ...(claimedDefinition === undefined ? {} : { claimedDefinition }),
        },
      ];
    }),
  );
}
