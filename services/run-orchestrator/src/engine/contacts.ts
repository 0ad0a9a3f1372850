import type { CrmReader } from "@cadenza/contracts";
import type { ZoneFacts } from "../runs/decide.ts";
import type { Run } from "../runs/model.ts";

/** Where the engine learns where contacts are (SCH-1). */
export type ContactSource = {
  /** By run id; null where the contact does not exist. */
  zonesOf(
    runs: readonly Pick<Run, "_id" | "organizationId" | "leadId" | "contactId">[],
  ): Promise<Map<string, ZoneFacts | null>>;
};

/** Asks crm, one call for each organization. */
export class CrmContacts implements ContactSource {
  readonly #crm: Pick<CrmReader, "getSubjects">;

  constructor(crm: Pick<CrmReader, "getSubjects">) {
    this.#crm = crm;
  }

  async zonesOf(
    runs: readonly Pick<Run, "_id" | "organizationId" | "leadId" | "contactId">[],
  ): Promise<Map<string, ZoneFacts | null>> {
    const answers = await Promise.all(
      [...Map.groupBy(runs, (run) => run.organizationId)].map(async ([organizationId, own]) => {
        const subjects = own.map(({ leadId, contactId }) => ({ leadId, contactId, opportunityId: null, userIds: [] }));
        const answer = await this.#crm.getSubjects({ organizationId, subjects });
        return own.map((run, i): [string, ZoneFacts | null] => {
          const contact = answer.subjects[i]?.contact;
          return [run._id, contact ? { timeZone: contact.timeZone, phones: contact.phones } : null];
        });
      }),
    );
    return new Map(answers.flat());
  }
}
