import type { CrmReader } from "@cadenza/contracts";
import type { Committer } from "@cadenza/messaging";
import { derivedId, isId, type Logger } from "@cadenza/platform";
import { isDatabaseOutage, organizationScope } from "@cadenza/storage";
import type { DefinitionSource } from "../engine/definitions.ts";
import { commitAgain } from "../enrolment/commit-again.ts";
import type { Enroller } from "../enrolment/enroller.ts";
import { START_REFUSALS } from "../enrolment/start-refusals.ts";
import type { BulkJob, EnrollWork } from "./bulk-job.ts";
import { type BulkStore, JobLostError } from "./bulk-store.ts";
import { Tally } from "./tally.ts";

/** Contacts of a page; its lots are enrolled side by side. */
const PAGE_SIZE = 1000;
const LOTS = 5;

type Contact = { id: string; leadId: string };
type Page = { contacts: Contact[]; missing: number; total: number; cursor: string; isLast: boolean };
type EnrollJob = BulkJob<EnrollWork>;

export type EnrollWorkerOptions = {
  committer: Committer;
  jobs: BulkStore;
  enroller: Enroller;
  definitions: DefinitionSource;
  crm: Pick<CrmReader, "findContacts">;
  log: Pick<Logger, "error">;
};

/**
 * Enrolls page by page (ENR-3). A run's id is made of the job and the contact, so a page that is done again after a crash
 * starts nobody twice and counts the same; the cursor and the counts of a page are written together when it is done.
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
    for (;;) {
      const page = await (next ?? this.#page(current, current.cursor));
      next = page.isLast ? undefined : this.#page(current, page.cursor);
      // It is awaited in the next round; should this round fail, its own failure says nothing more.
      next?.catch(() => undefined);
      current = await this.#enrollPage(current, page);
      if (page.isLast || isStopped()) return;
    }
  }

  async #enrollPage(job: EnrollJob, page: Page): Promise<EnrollJob> {
    const tally = new Tally();
    tally.skipped(START_REFUSALS.contactNotFound, page.missing);
    const size = Math.max(1, Math.ceil(page.contacts.length / LOTS));
    const lots = Array.from({ length: Math.ceil(page.contacts.length / size) }, (_, i) =>
      page.contacts.slice(i * size, (i + 1) * size),
    );
    await Promise.all(lots.map((lot) => this.#enrollLot(job, lot, tally)));
    const progress = { tally, cursor: page.cursor, total: job.total ?? page.total, isDone: page.isLast };
    return (await this.#options.committer.commit((unit) =>
      this.#options.jobs.advance(job, progress, unit),
    )) as EnrollJob;
  }

  async #enrollLot(job: EnrollJob, lot: readonly Contact[], tally: Tally): Promise<void> {
    try {
      await this.#start(job, lot, tally);
    } catch (error) {
      if (isDatabaseOutage(error) || error instanceof JobLostError) throw error;
      if (lot.length === 1) {
        this.#options.log.error(
          { err: error, jobId: job._id, organizationId: job.organizationId },
          "A contact could not be enrolled.",
        );
        tally.failed(START_REFUSALS.failed);
        return;
      }
      const middle = Math.ceil(lot.length / 2);
      await this.#enrollLot(job, lot.slice(0, middle), tally);
      await this.#enrollLot(job, lot.slice(middle), tally);
    }
  }

  async #start(job: EnrollJob, lot: readonly Contact[], tally: Tally): Promise<void> {
    const { committer, jobs, enroller, definitions } = this.#options;
    const { organizationId, work } = job;
    const outcomes = await commitAgain(committer, async (unit) => {
      await jobs.assertHeld(job, unit.session);
      const workflow = (await definitions.current([{ organizationId, workflowId: work.workflowId }])).get(
        work.workflowId,
      );
      if (!workflow) throw new Error(`There is no definition of workflow ${work.workflowId}.`);
      const candidates = lot.map(({ id, leadId }) => ({
        id: derivedId(job.startedAt, work.workflowId, job._id, id),
        leadId,
        contactId: id,
        opportunityId: null,
        startedBy: job.actor,
        enrollingUserId: work.enrollingUserId,
        event: null,
        depth: 0,
        chosenAccountIds: work.chosenAccountIds,
      }));
      return enroller.start(unit, organizationScope(organizationId), workflow, candidates);
    });
    for (const outcome of outcomes) {
      if (outcome.kind === "refused") tally.skipped(outcome.reason);
      else tally.succeeded();
    }
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
