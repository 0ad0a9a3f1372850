import type {
  CrmReader,
  EmailPreviewItem,
  OrganizationView,
  PersonRule,
  SubjectView,
  UserView,
} from "@cadenza/contracts";
import type { Clock } from "@cadenza/platform";
import { addressKey } from "@cadenza/sending";
import type { OrganizationScope } from "@cadenza/storage";
import type { SuppressionStore } from "../suppressions/store.ts";
import type { TemplateStore } from "../templates/store.ts";
import type { AccountChooser } from "./account-chooser.ts";
import { type EmailPlan, planEmail } from "./plan-email.ts";

export type EmailPlannerOptions = {
  crm: CrmReader;
  clock: Clock;
  templates: TemplateStore;
  suppressions: SuppressionStore;
  chooser: AccountChooser;
};

/** What a step says about an email, and for whom. */
export type EmailOrder = Omit<EmailPreviewItem, "at"> & {
  /** What templates see as now (default: now). */
  now?: Date;
};
export type Planned<T> = { order: T; plan: EmailPlan; subject: SubjectView; organization: OrganizationView };

/** Decides whether and how emails of steps are sent, and renders them: a batch costs one call of crm and four of the database. */
export class EmailPlanner {
  readonly #options: EmailPlannerOptions;

  constructor(options: EmailPlannerOptions) {
    this.#options = options;
  }

  /** In the order of `orders`. Writes nothing. */
  async plan<T extends EmailOrder>(orders: readonly T[], scope: OrganizationScope): Promise<Planned<T>[]> {
    const { crm, templates, chooser, suppressions, clock } = this.#options;
    const senderIds = orders.map((order) => senderIdOf(order.sender, order.creatorOrEnrollingUserId));
    const subjects = orders.map((order, index) => ({
      leadId: order.leadId,
      contactId: order.contactId,
      opportunityId: order.opportunityId,
      userIds: [senderIds[index] ?? []].flat(),
    }));
    const [response, found] = await Promise.all([
      crm.getSubjects({ organizationId: scope.organizationId, subjects, followMerges: true }),
      templates.findByIds(
        scope,
        orders.map(({ templateId }) => templateId),
      ),
    ]);
    const { organization } = response;
    const addresses = response.subjects.flatMap(({ contact }) => contact?.emails ?? []);
    const now = clock.now();
    const wanted = orders.map((order, index) => ({
      senderId: senderIds[index] ?? "",
      chosenAccountIds: order.chosenAccountIds,
    }));
    const [choose, suppressed] = await Promise.all([
      chooser.load(scope, wanted, now),
      suppressions.findByAddresses(scope, "EMAIL", addresses),
    ]);
    return orders.map((order, index) => {
      const subject: SubjectView = response.subjects[index]!;
      const template = found[index];
      const plan = planEmail({
        content: template?.shared ? { subject: template.subject ?? "", body: template.body } : null,
        subjects: { ...subject, organization, sender: subject.users[0] ?? null, event: order.event },
        chooseAccount: (sender: UserView) => choose(sender.id, order.chosenAccountIds),
        suppressed: (address) => suppressed.get(addressKey(address))?.reason.code ?? null,
        now: order.now ?? now,
      });
      return { order, plan, subject, organization };
    });
  }
}

/** Null where the rule names nobody, or is of a mode that email does not know (WF-6). */
function senderIdOf(rule: PersonRule, creatorOrEnrollingUserId: string): string | null {
  if (rule.mode === "CREATOR_OR_ENROLLING_USER") return creatorOrEnrollingUserId;
  return rule.mode === "USER" ? rule.userId : null;
}
