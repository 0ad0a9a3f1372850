import type { Role } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { isDuplicateKey } from "@cadenza/storage";
import type { Caller, CrmWriter } from "../changes/crm-writer.ts";
import { addressKey, readEmailAddress } from "../values/email-address.ts";
import { notFound, type Outcome, type Problem, problem, refused } from "../values/problem.ts";
import { searchTerms } from "../values/search-terms.ts";
import { readName } from "../values/text.ts";
import type { UserStore } from "./store.ts";
import type { User } from "./user.ts";

export type CreateUserInput = { name: string; email: string; role?: Role | null; timeZone?: string | null };
export type UpdateUserInput = {
  name?: string | null;
  role?: Role | null;
  status?: User["status"] | null;
  away?: boolean | null;
  timeZone?: string | null;
};

export class UserService {
  readonly #writer: CrmWriter;
  readonly #users: UserStore;

  constructor(writer: CrmWriter, users: UserStore) {
    this.#writer = writer;
    this.#users = users;
  }

  /** @returns the new user's id. */
  async create(caller: Caller, input: CreateUserInput): Promise<Outcome<string>> {
    const problems: Problem[] = [];
    const name = readName(input.name, ["input", "name"], problems);
    const email = readEmailAddress(input.email, ["input", "email"], problems);
    if (problems.length > 0) return refused(problems);
    const { scope } = caller;
    return taken(() =>
      this.#writer.commit(caller, async ({ at, session }) => {
        const user: User = {
          _id: newId(at),
          organizationId: scope.organizationId,
          name,
          email,
          emailKey: addressKey(email),
          role: input.role ?? "MEMBER",
          status: "ACTIVE",
          away: false,
          timeZone: input.timeZone ?? null,
          searchTerms: searchTerms({ names: [name], emails: [email] }),
          version: 1,
          createdAt: at,
          updatedAt: at,
        };
        await this.#users.collection.insertMany(scope, [user], session);
        return user._id;
      }),
    );
  }

  async update(caller: Caller, id: string, input: UpdateUserInput): Promise<Outcome<string>> {
    const problems: Problem[] = [];
    const name = input.name === undefined ? undefined : readName(input.name, ["input", "name"], problems);
    return this.#writer.commit(caller, async (transaction) => {
      const [before] = await this.#users.findByIds(caller.scope, [id], transaction.session);
      if (!before) return transaction.refuse(notFound("user", ["id"]));
      const after: User = {
        ...before,
        name: name ?? before.name,
        role: input.role ?? before.role,
        status: input.status ?? before.status,
        away: input.away ?? before.away,
        timeZone: input.timeZone === undefined ? before.timeZone : input.timeZone,
      };
      const losesAdmin = isActiveAdmin(before) && !isActiveAdmin(after);
      if (losesAdmin && !(await this.#hasOtherAdmin(caller, id))) problems.push(lastAdmin());
      transaction.refuseIf(problems);
      after.searchTerms = searchTerms({ names: [after.name], emails: [after.email] });
      if (sameSettings(before, after)) return id;
      after.version = before.version + 1;
      after.updatedAt = transaction.at;
      await transaction.update(this.#users.collection, [{ before, after }]);
      return id;
    });
  }

  async #hasOtherAdmin(caller: Caller, id: string): Promise<boolean> {
    const others = { _id: { $ne: id }, role: "ADMIN", status: "ACTIVE" } as const;
    return (await this.#users.collection.count(caller.scope, others, { limit: 1 })) > 0;
  }
}

function isActiveAdmin(user: User): boolean {
  return user.role === "ADMIN" && user.status === "ACTIVE";
}

function sameSettings(a: User, b: User): boolean {
  return (
    a.name === b.name && a.role === b.role && a.status === b.status && a.away === b.away && a.timeZone === b.timeZone
  );
}

function lastAdmin(): Problem {
  return problem("LAST_ADMIN", "This is the organization's last active admin. Make another user an admin first.", [
    "id",
  ]);
}

async function taken(work: () => Promise<Outcome<string>>): Promise<Outcome<string>> {
  try {
    return await work();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return refused([problem("EMAIL_TAKEN", "A user with this email address exists already.", ["input", "email"])]);
  }
}
