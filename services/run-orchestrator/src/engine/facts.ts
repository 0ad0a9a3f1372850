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
        wants.claimedRevision === null ? null : sources.definitions.revision(run, wants.claimedRevision),
      ),
    ),
  ]);
  return new Map(
    wanting.map(({ run, wants }, i): [string, Partial<Facts>] => {
      const contact = wants.contact ? { contact: zones.get(run._id) ?? null } : {};
      return [
        run._id,
        wants.claimedRevision === null ? contact : { ...contact, claimedDefinition: claimed[i] ?? null },
      ];
    }),
  );
}
