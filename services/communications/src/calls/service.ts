import { NO_CAUSATION } from "@cadenza/contracts";
import type { Committer, UnitOfWork } from "@cadenza/messaging";
import { isId, newId } from "@cadenza/platform";
import type { IdempotencyKeys } from "@cadenza/subgraph";
import { type Answer, done, refused } from "../answer.ts";
import type { People } from "../people.ts";
import type { Viewer } from "../viewer.ts";
import { writeOnce } from "../write-once.ts";
import type { CallDocument } from "./call.ts";
import { type LogCallInput, readNumber, readWhat, readWhen } from "./read-logged-call.ts";
import type { CallStore } from "./store.ts";

export type CallServiceOptions = {
  committer: Committer;
  store: CallStore;
  people: People;
  idempotency: IdempotencyKeys;
};

/** Calls that people tell of. */
export class CallService {
  readonly #options: CallServiceOptions;

  constructor(options: CallServiceOptions) {
    this.#options = options;
  }

  /** A call that is over: kept, and told to whoever waits for one (TRG-1, GOAL-1), once for an idempotency key. */
  async log(viewer: Viewer, input: LogCallInput): Promise<Answer<CallDocument>> {
    const { committer, store } = this.#options;
    const { scope, actor } = viewer;
    const read = await this.#read(viewer, input);
    const by = { ...input, by: actor.id };
    const call = { operation: "logCall", key: input.idempotencyKey, input: by, at: committer.clock.now() };
    return writeOnce(this.#options, scope, {
      call,
      write: async (unit) => {
        if (!read.ok) return read;
        await this.#keep(viewer, read.value, unit);
        return done(read.value._id);
      },
      find: async (id, session) => (await store.findByIds(scope, [id], session))[0],
    });
  }

  async #read(viewer: Viewer, input: LogCallInput): Promise<Answer<CallDocument>> {
    const { people, committer } = this.#options;
    const what = readWhat(input);
    if (!what.ok) return what;
    const userId = input.userId ?? viewer.userId;
    const subjects = await people.ofContact(
      viewer.scope,
      input.contactId,
      userId !== null && isId(userId) ? [userId] : [],
    );
    if (!subjects) return refused("NOT_FOUND", "There is no such contact.", ["input", "contactId"]);
    const [user] = subjects.users;
    if (userId !== null && !user) return refused("NOT_FOUND", "There is no such user.", ["input", "userId"]);
    if (user && user.status !== "ACTIVE") {
      return refused("USER_DEACTIVATED", "This user is deactivated.", ["input", "userId"]);
    }
    const number = readNumber(input.number, subjects.organization.country);
    if (!number.ok) return number;
    const at = committer.clock.now();
    const when = readWhen(input, at);
    if (!when.ok) return when;
    return done({
      _id: newId(at),
      organizationId: viewer.scope.organizationId,
      version: 1,
      createdAt: at,
      updatedAt: at,
      leadId: subjects.lead.id,
      contactId: subjects.contact.id,
      userId,
      number: number.value,
      ...what.value,
      ...when.value,
    });
  }

  async #keep({ scope, actor }: Viewer, call: CallDocument, unit: UnitOfWork): Promise<void> {
    await this.#options.store.insert(scope, call, unit.session);
    const { _id: id, leadId, contactId, userId, direction, status, outcome, durationSeconds, createdAt: at } = call;
    const what = { leadId, contactId, userId, direction, status, outcome, durationSeconds };
    unit.tell({
      kind: "callEnded",
      organizationId: scope.organizationId,
      items: [{ key: id, callId: id, ...what, actor, causation: NO_CAUSATION, at }],
    });
  }
}
