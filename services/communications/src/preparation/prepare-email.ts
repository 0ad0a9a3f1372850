import type {
  CrmReader,
  PersonRule,
  PrepareEmailCommand,
  Reason,
  StepResult,
  SubjectView,
  UserView,
} from "@cadenza/contracts";
import type { UnitOfWork } from "@cadenza/messaging";
import { type Clock, type Counter, derivedId } from "@cadenza/platform";
import { addressKey, DISPATCHER_WAKE, type MessageDocument, wakeText } from "@cadenza/sending";
import { zoneFor } from "@cadenza/schedule";
import type { OrganizationScope } from "@cadenza/storage";
import type { MessageStore } from "../messages/store.ts";
import type { SuppressionStore } from "../suppressions/store.ts";
import type { TemplateStore } from "../templates/store.ts";
import type { AccountChooser } from "./account-chooser.ts";
import type { EmailWriter } from "./email-writer.ts";
import { planEmail } from "./plan-email.ts";

export type PreparationOptions = {
  crm: CrmReader;
  clock: Clock;
  messages: MessageStore;
  templates: TemplateStore;
  suppressions: SuppressionStore;
  chooser: AccountChooser;
  writer: EmailWriter;
  /** Counts what became of commands; optional in tests. */
  prepared?: Counter<"outcome"> | undefined;
};

/** Renders and queues the emails of steps: a batch costs one call of crm and four of the database. */
export class EmailPreparation {
  readonly #options: PreparationOptions;

  constructor(options: PreparationOptions) {
    this.#options = options;
  }

  async prepare(items: PrepareEmailCommand[], unit: UnitOfWork, scope: OrganizationScope): Promise<StepResult[]> {
    const { messages } = this.#options;
    const plans = await this.#plans(items, scope);
    const written = await Promise.all(plans.map((plan) => (plan.ok ? plan.write() : plan)));
    const at = this.#options.clock.now();
    const queued = written.filter((made): made is MessageDocument => "_id" in made);
    await messages.insertMany(scope, queued, unit.session);
    for (const { _id, version } of queued) unit.notify("message", scope.organizationId, _id, version);
    if (queued.length > 0) unit.wake(DISPATCHER_WAKE, wakeText(queued.map(({ shard }) => shard)));
    const results = items.map((item, index) => {
      const made = written[index]!;
      return "_id" in made
        ? resultOf(item, "WAITING", null, made._id, at)
        : resultOf(item, made.outcome, made.reason, null, at);
    });
    unit.afterCommit(() => {
      for (const { outcome, reason } of results) this.#options.prepared?.inc({ outcome: reason?.code ?? outcome });
    });
    return results;
  }

  async #plans(items: PrepareEmailCommand[], scope: OrganizationScope) {
    const { crm, templates, chooser, suppressions, writer, clock } = this.#options;
    const senderIds = items.map((item) => senderIdOf(item.sender, item.creatorOrEnrollingUserId));
    const subjects = items.map((item, index) => ({
      leadId: item.leadId,
      contactId: item.contactId,
      opportunityId: item.opportunityId,
      userIds: [senderIds[index] ?? []].flat(),
    }));
    const [response, found] = await Promise.all([
      crm.getSubjects({ organizationId: scope.organizationId, subjects, followMerges: true }),
      templates.findByIds(
        scope,
        items.map(({ templateId }) => templateId),
      ),
    ]);
    const { organization } = response;
    const addresses = response.subjects.flatMap(({ contact }) => contact?.emails ?? []);
    const now = clock.now();
    const wanted = items.map((item, index) => ({
      senderId: senderIds[index] ?? "",
      chosenAccountIds: item.chosenAccountIds,
    }));
    const [choose, suppressed] = await Promise.all([
      chooser.load(scope, wanted, now),
      suppressions.findByAddresses(scope, "EMAIL", addresses),
    ]);
    return items.map((item, index) => {
      const subject: SubjectView = response.subjects[index]!;
      const template = found[index];
      const plan = planEmail({
        content: template?.shared ? { subject: template.subject ?? "", body: template.body } : null,
        subjects: { ...subject, organization, sender: subject.users[0] ?? null, event: item.event },
        chooseAccount: (sender: UserView) => choose(sender.id, item.chosenAccountIds),
        suppressed: (address) => suppressed.get(addressKey(address))?.reason.code ?? null,
        now,
      });
      if (!plan.ok) return plan;
      const { key, runId, stepId, attempt, schedule, templateId, at } = item;
      const { timeZone = null, phones = [] } = subject.contact ?? {};
      const context = {
        id: derivedId(at, "message", key),
        key: `${scope.organizationId}:${key}`,
        // Those of the item may have been merged since.
        leadId: subject.lead?.id ?? item.leadId,
        contactId: subject.contact?.id ?? item.contactId,
        runId,
        step: { key, runId, stepId, attempt },
        templateId,
        schedule,
        zone: schedule ? zoneFor(schedule, { contactTimeZone: timeZone, phones, at }) : null,
        at,
        organization,
        unsubscribable: true,
      };
      return { ok: true as const, write: () => writer.write(scope, plan.email, context) };
    });
  }
}

/** Null where the rule names nobody, or is of a mode that email does not know (WF-6). */
function senderIdOf(rule: PersonRule, creatorOrEnrollingUserId: string): string | null {
  if (rule.mode === "CREATOR_OR_ENROLLING_USER") return creatorOrEnrollingUserId;
  return rule.mode === "USER" ? rule.userId : null;
}

function resultOf(
  { key, runId, stepId, attempt }: PrepareEmailCommand,
  outcome: StepResult["outcome"],
  reason: Reason | null,
  messageId: string | null,
  at: Date,
): StepResult {
  return { key, runId, stepId, attempt, outcome, reason, messageId, taskId: null, changes: null, at };
}
