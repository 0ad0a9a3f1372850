import { newId } from "@cadenza/platform";
import { isDuplicateKey } from "@cadenza/storage";
import type { Caller, CrmTransaction, CrmWriter } from "../changes/crm-writer.ts";
import type { UserStore } from "../users/store.ts";
import { MAX_GROUP_MEMBERS } from "../values/limits.ts";
import { nameKey } from "../values/names.ts";
import { notFound, type Outcome, type Problem, problem, refused } from "../values/problem.ts";
import { readName } from "../values/text.ts";
import type { GroupStore } from "./store.ts";

export type GroupInput = { name: string; memberIds: readonly string[] };

export class GroupService {
  readonly #writer: CrmWriter;
  readonly #groups: GroupStore;
  readonly #users: UserStore;

  constructor(writer: CrmWriter, groups: GroupStore, users: UserStore) {
    this.#writer = writer;
    this.#groups = groups;
    this.#users = users;
  }

  /** @returns the new group's id. */
  create(caller: Caller, input: GroupInput): Promise<Outcome<string>> {
    return taken(() =>
      this.#writer.commit(caller, async (transaction) => {
        const { name, memberIds } = await this.#read(transaction, input);
        const { at, scope, session } = transaction;
        const place = { _id: newId(at), organizationId: scope.organizationId };
        const group = { ...place, name, nameKey: nameKey(name), memberIds, version: 1, createdAt: at, updatedAt: at };
        await this.#groups.collection.insertMany(scope, [group], session);
        return group._id;
      }),
    );
  }

  update(caller: Caller, id: string, input: GroupInput): Promise<Outcome<string>> {
    return taken(() =>
      this.#writer.commit(caller, async (transaction) => {
        const { scope, session, at } = transaction;
        const before = await this.#groups.collection.findOne(scope, { _id: id }, session);
        if (!before) return transaction.refuse(notFound("group", ["id"]));
        const { name, memberIds } = await this.#read(transaction, input);
        if (name === before.name && memberIds.join() === before.memberIds.join()) return id;
        const after = {
          ...before,
          name,
          nameKey: nameKey(name),
          memberIds,
          version: before.version + 1,
          updatedAt: at,
        };
        await transaction.update(this.#groups.collection, [{ before, after }]);
        return id;
      }),
    );
  }

  async #read(transaction: CrmTransaction, input: GroupInput): Promise<GroupFields> {
    const problems: Problem[] = [];
    const name = readName(input.name, ["input", "name"], problems);
    const memberIds = [...new Set(input.memberIds)];
    if (memberIds.length > MAX_GROUP_MEMBERS) {
      problems.push(problem("TOO_MANY", `A group has at most ${MAX_GROUP_MEMBERS} members.`, ["input", "memberIds"]));
    } else {
      const existing = await this.#users.existing(transaction.scope, memberIds, transaction.session);
      input.memberIds.forEach((id, index) => {
        if (!existing.has(id)) problems.push(notFound("user", ["input", "memberIds", String(index)]));
      });
    }
    transaction.refuseIf(problems);
    return { name, memberIds };
  }
}

type GroupFields = { name: string; memberIds: string[] };

async function taken(work: () => Promise<Outcome<string>>): Promise<Outcome<string>> {
  try {
    return await work();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return refused([problem("NAME_TAKEN", "A group with this name exists already.", ["input", "name"])]);
  }
}
