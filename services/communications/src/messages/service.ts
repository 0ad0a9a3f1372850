import { createHash } from "node:crypto";
import type { Reason, UserView } from "@cadenza/contracts";
import type { Committer, UnitOfWork } from "@cadenza/messaging";
import { ForbiddenError, newId } from "@cadenza/platform";
import {
  addressKey,
  type Channel,
  DISPATCHER_WAKE,
  type MessageDocument,
  messageStepResult,
  wakeText,
} from "@cadenza/sending";
import { checkText, type IdempotencyKeys } from "@cadenza/subgraph";
import { type Answer, done, refused } from "../answer.ts";
import type { AccountChooser } from "../preparation/account-chooser.ts";
import type { EmailWriter } from "../preparation/email-writer.ts";
import { planEmail } from "../preparation/plan-email.ts";
import type { ContactSubjects, People } from "../people.ts";
import type { SuppressionStore } from "../suppressions/store.ts";
import type { TemplateStore } from "../templates/store.ts";
import { requireOwn, type Viewer } from "../viewer.ts";
import { writeOnce } from "../write-once.ts";
import type { Message, MessageStore } from "./store.ts";

export type SendMessageInput = {
  channel: Channel;
  contactId: string;
  senderId?: string | null;
  subject?: string | null;
  body?: string | null;
  templateId?: string | null;
  idempotencyKey?: string | null;
};

export type MessageServiceOptions = {
  committer: Committer;
  store: MessageStore;
  templates: TemplateStore;
  suppressions: SuppressionStore;
  people: People;
  chooser: AccountChooser;
  writer: EmailWriter;
  idempotency: IdempotencyKeys;
};

const NOT_SENT: Reason = { code: "NOT_SENT", message: "A person found that this message was not sent." };
const MAX_SUBJECT_LENGTH = 1000;
const MAX_BODY_LENGTH = 200_000;

/** What people do with messages: write one, and say what became of one in doubt. */
export class MessageService {
  readonly #options: MessageServiceOptions;

  constructor(options: MessageServiceOptions) {
    this.#options = options;
  }

  /** A person's own message: no schedule, but the account's limits hold. */
  async send(viewer: Viewer, input: SendMessageInput): Promise<Answer<Message>> {
    const senderId = input.senderId ?? viewer.userId;
    if (input.senderId && viewer.role !== "ADMIN" && input.senderId !== viewer.userId) {
      throw new ForbiddenError("Only an admin may send in another user's name.");
    }
    if (input.body) checkText(input.body, ["input", "body"], { max: MAX_BODY_LENGTH });
    if (input.subject) checkText(input.subject, ["input", "subject"], { max: MAX_SUBJECT_LENGTH });
    if (!senderId) return refused("SENDER_UNRESOLVED", "An API key must name the sender.", ["input", "senderId"]);
    const written = await this.#write(viewer, senderId, input);
    const { committer, store } = this.#options;
    const by = { ...input, by: viewer.actor.id };
    const call = { operation: "sendMessage", key: input.idempotencyKey, input: by, at: committer.clock.now() };
    return writeOnce(this.#options, viewer.scope, {
      call,
      // What cannot be written now may have been written by the first call with this key: so only here.
      write: async (unit) => {
        if (!written.ok) return written;
        await this.#queue(viewer, written.value, unit);
        return done(written.value._id);
      },
      find: async (id, session) => (await store.findByIds(viewer.scope, [id], session))[0],
    });
  }

  /** What a person found out about a message whose outcome is unknown (SND-3). */
  async resolve(viewer: Viewer, id: string, wasSent: boolean): Promise<Answer<Message>> {
    const { committer, store } = this.#options;
    return committer.commit(async (unit) => {
      const [message] = await store.findByIds(viewer.scope, [id], unit.session);
      if (!message) return refused("NOT_FOUND", "There is no such message.", ["id"]);
      requireOwn(viewer, message.senderId, "message");
      if (message.status !== "UNKNOWN_OUTCOME") {
        return refused("OUTCOME_KNOWN", `The outcome of this message is known: it is ${message.status}.`, ["id"]);
      }
      const at = committer.clock.now();
      const change: Partial<MessageDocument> = wasSent
        ? { status: "SENT", reason: null, sentAt: message.sendingSince ?? at, updatedAt: at }
        : { status: "FAILED", reason: NOT_SENT, updatedAt: at };
      await store.changeMany(viewer.scope, [{ message, change }], unit.session);
      const result = messageStepResult(message, wasSent ? "DONE" : "ERROR", wasSent ? null : NOT_SENT, at);
      const { organizationId } = viewer.scope;
      if (result) unit.tell({ kind: "communicationsStepEnded", organizationId, items: [result] });
      unit.notify("message", organizationId, id, message.version + 1);
      // The limits count it from here on.
      if (wasSent) unit.wake(DISPATCHER_WAKE, wakeText([message.shard]));
      return done({ ...message, ...change, version: message.version + 1 });
    });
  }

  async #write(viewer: Viewer, senderId: string, input: SendMessageInput): Promise<Answer<MessageDocument>> {
    const { people, chooser, templates, suppressions, writer, committer } = this.#options;
    const [subjects, [template]] = await Promise.all([
      people.ofContact(viewer.scope, input.contactId, [senderId]),
      input.templateId ? templates.findVisible(viewer, [input.templateId]) : Promise.resolve([undefined]),
    ]);
    if (!subjects) return refused("NOT_FOUND", "There is no such contact.", ["input", "contactId"]);
    if (input.templateId && !template) {
      return refused("NOT_FOUND", "There is no such template.", ["input", "templateId"]);
    }
    const subject = input.subject?.trim() ? input.subject : template?.subject;
    const body = input.body?.trim() ? input.body : template?.body;
    if (!subject?.trim()) return refused("SUBJECT_MISSING", "An email needs a subject.", ["input", "subject"]);
    if (!body) return refused("BODY_MISSING", "An email needs a body.", ["input", "body"]);
    const at = committer.clock.now();
    const [choose, suppressed] = await Promise.all([
      chooser.load(viewer.scope, [{ senderId, chosenAccountIds: [] }], at),
      suppressions.findByAddresses(viewer.scope, "EMAIL", subjects.contact.emails),
    ]);
    const sender = subjects.users[0] ?? null;
    const plan = planEmail({
      content: { subject, body },
      subjects: { ...subjects, opportunity: null, sender, event: null },
      chooseAccount: (user: UserView) => choose(user.id, []),
      suppressed: (address) => suppressed.get(addressKey(address))?.reason.code ?? null,
      now: at,
    });
    if (!plan.ok) return refused(plan.reason.code, plan.reason.message, pathOf(plan.reason.code));
    const nonce = newId(at);
    return done(
      await writer.write(viewer.scope, plan.email, {
        ...idsOf(subjects),
        // A key of its own: two messages that a person writes are two, however alike.
        key: createHash("sha256").update(`${viewer.scope.organizationId}:${nonce}`).digest("hex"),
        id: nonce,
        step: null,
        runId: null,
        templateId: template?._id ?? null,
        schedule: null,
        zone: null,
        at,
        organization: subjects.organization,
        unsubscribable: false,
      }),
    );
  }

  async #queue(viewer: Viewer, message: MessageDocument, unit: UnitOfWork): Promise<void> {
    await this.#options.store.insertMany(viewer.scope, [message], unit.session);
    unit.notify("message", viewer.scope.organizationId, message._id, message.version);
    unit.wake(DISPATCHER_WAKE, wakeText([message.shard]));
  }
}

function idsOf({ lead, contact }: ContactSubjects): { leadId: string; contactId: string } {
  return { leadId: lead.id, contactId: contact.id };
}

/** Which part of the input a reason of the plan speaks of. */
function pathOf(code: string): string[] {
  if (code.startsWith("TEMPLATE_")) return ["input", "body"];
  if (code === "NO_EMAIL_ADDRESS" || code === "UNSUBSCRIBED" || code === "BOUNCED" || code === "COMPLAINED") {
    return ["input", "contactId"];
  }
  return ["input", "senderId"];
}
