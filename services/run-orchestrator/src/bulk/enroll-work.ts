import type { CrmReader } from "@cadenza/contracts";
import type { Committer } from "@cadenza/messaging";
import { derivedId, isId, type Logger } from "@cadenza/platform";
import { isDatabaseOutage, organizationScope } from "@cadenza/storage";
import type { DefinitionSource } from "../engine/definitions.ts";
import { commitAgain } from "../enrolment/commit-again.ts";
import type { Candidate, Enroller } from "../enrolment/enroller.ts";
import { START_REFUSALS } from "../enrolment/start-refusals.ts";
import type { BulkJob, EnrollWork } from "./bulk-job.ts";
import { type BulkStore, JobLostError } from "./bulk-store.ts";
import { LANES, type LaneStore } from "./lane-store.ts";
import { Tally } from "./tally.ts";

/** Contacts of a page. */
const PAGE_SIZE = 1000;

type Contact = { id: string; leadId: string };
type Page = { contacts: Contact[]; missing: number; total: number; cursor: string; isLast: boolean };
type EnrollJob = BulkJob<EnrollWork>;
type Lot = { number: number; isAgain: boolean; tally: Tally; contacts: Contact[] };

export type EnrollWorkerOptions = {
  committer: Committer;
  jobs: BulkStore;
  lanes: LaneStore;
  enroller: Enroller;
  definitions: DefinitionSource;
  crm: Pick<CrmReader, "findContacts">;
  log: Pick<Logger, "error">;
};

/**
 * Enrolls page by page (ENR-3). A run's id is made of the job and the contact, so a page that is done again after a crash
 * starts nobody twice and counts the same; a lot's counts are written with its runs, and become the job's with its next cursor.
 */
export class EnrollWorker {
  readonly #options: EnrollWorkerOptions;

  constructor(options: EnrollWorkerOptions) {
    this.#options = options;
  }

  /** Until the job is done, in other hands (JobLostError), or `isStopped`. */
  async work(job: EnrollJob, isStopped: () => boolean): Promise<void> {
    let current = job;
    let next: Promise<Page> | undefined;
    await this.#options.lanes.open(job);
    // Another one may have been here before, and died.
    for (let isAgain = true; ; isAgain = false) {
      const page = await (next ?? this.#page(current, current.cursor));
      next = page.isLast ? undefined : this.#page(current, page.cursor);
      // It is awaited in the next round; should this round fail, its own failure says nothing more.
      next?.catch(() => undefined);
      current = await this.#enrollPage(current, page, isAgain);
      if (page.isLast || isStopped()) return;
    }
  }

  async #enrollPage(job: EnrollJob, page: Page, isAgain: boolean): Promise<EnrollJob> {
    const { committer, jobs, lanes } = this.#options;
    const size = Math.max(1, Math.ceil(page.contacts.length / LANES));
    const lots = Array.from({ length: Math.ceil(page.contacts.length / size) }, (_, number) => {
      return { number, isAgain, tally: new Tally(), contacts: page.contacts.slice(number * size, (number + 1) * size) };
    });
    const ended = await Promise.allSettled(lots.map((lot) => this.#enrollLot(job, lot, lot.contacts)));
    // Only when none is in hand any more may the job be taken up again.
    for (const one of ended) if (one.status === "rejected") throw one.reason;
    const tally = new Tally();
    tally.skipped(START_REFUSALS.contactNotFound, page.missing);
    for (const lot of lots) tally.add({ counts: lot.tally.counts, reasons: lot.tally.reasons.values() });
    const progress = { tally, cursor: page.cursor, total: job.total ?? page.total, isDone: page.isLast };
    return (await committer.commit(async (unit) => {
      if (page.isLast) await lanes.remove(organizationScope(job.organizationId), job._id, unit.session);
      return jobs.advance(job, progress, unit);
    })) as EnrollJob;
  }

  async #enrollLot(job: EnrollJob, lot: Lot, contacts: readonly Contact[]): Promise<void> {
    try {
      await this.#start(job, lot, contacts);
    } catch (error) {
      if (isDatabaseOutage(error) || error instanceof JobLostError) throw error;
      if (contacts.length === 1) {
        this.#options.log.error(
          { err: error, jobId: job._id, organizationId: job.organizationId },
          "A contact could not be enrolled.",
        );
        lot.tally.failed(START_REFUSALS.failed);
        return;
      }
      const middle = Math.ceil(contacts.length / 2);
      await this.#enrollLot(job, lot, contacts.slice(0, middle));
      await this.#enrollLot(job, lot, contacts.slice(middle));
    }
  }

  /** What became of the contacts is written with their runs, so that the counts are true whenever the job ends. */
  async #start(job: EnrollJob, lot: Lot, contacts: readonly Contact[]): Promise<void> {
    const { committer, jobs, lanes, enroller, definitions } = this.#options;
    const { organizationId, work } = job;
    const { workflowId } = work;
    lot.tally = await commitAgain(committer, async (unit) => {
      await jobs.assertHeld(job, unit.session);
      const workflow = (await definitions.current([{ organizationId, workflowId }])).get(workflowId);
      if (!workflow) throw new Error(`There is no definition of workflow ${workflowId}.`);
      const candidates = contacts.map((contact) => candidateOf(job, contact));
      const tally = lot.tally.copy();
      const scope = organizationScope(organizationId);
      for (const outcome of await enroller.start(unit, scope, workflow, candidates, lot)) {
        if (outcome.kind === "refused") tally.skipped(outcome.reason);
        else tally.succeeded();
      }
      await lanes.record(job, lot.number, tally, unit.session);
      return tally;
    });
  }

  async #page(job: EnrollJob, cursor: string): Promise<Page> {
    const { contactIds } = job.work;
    return contactIds ? this.#pageOfIds(job, contactIds, cursor) : this.#pageOfFilter(job, cursor);
  }

  async #pageOfIds({ organizationId }: EnrollJob, contactIds: readonly string[], cursor: string): Promise<Page> {
    const rest = contactIds.filter((id) => id > cursor);
    const ids = rest.slice(0, PAGE_SIZE);
    const askable = ids.filter(isId);
    const request = { organizationId, contactIds: askable, filterJson: null, afterId: null, limit: PAGE_SIZE };
    const { contacts } = askable.length > 0 ? await this.#options.crm.findContacts(request) : { contacts: [] };
    return {
      contacts,
      missing: ids.length - contacts.length,
      total: contactIds.length,
      cursor: ids.at(-1) ?? cursor,
      isLast: rest.length <= PAGE_SIZE,
    };
  }

  async #pageOfFilter({ organizationId, work, upTo }: EnrollJob, cursor: string): Promise<Page> {
    const request = {
      organizationId,
      contactIds: null,
      filterJson: work.filterJson,
      afterId: cursor || null,
      limit: PAGE_SIZE,
    };
    const { contacts, total, fault } = await this.#options.crm.findContacts(request);
    if (fault) throw new Error(`The filter of the job is not one any more: ${fault.message}`);
    const early = contacts.filter(({ id }) => id <= upTo);
    const isLast = contacts.length < PAGE_SIZE || early.length < contacts.length;
    return { contacts: early, missing: 0, total, cursor: early.at(-1)?.id ?? cursor, isLast };
  }
}

function candidateOf({ _id, startedAt, actor, work }: EnrollJob, { id, leadId }: Contact): Candidate {
  return {
    id: derivedId(startedAt, work.workflowId, _id, id),
    leadId,
    contactId: id,
    opportunityId: null,
    startedBy: actor,
    enrollingUserId: work.enrollingUserId,
    event: null,
    depth: 0,
    chosenAccountIds: work.chosenAccountIds,
  };
}
