import { createHash, randomInt } from "node:crypto";
import type { Role } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import type { Caller, CrmWriter } from "../changes/crm-writer.ts";
import { isCountry } from "../values/phone-number.ts";
import { notFound, type Outcome, type Problem, problem, refused } from "../values/problem.ts";
import { readName } from "../values/text.ts";
import type { ApiKey, Organization } from "./organization.ts";
import type { OrganizationStore } from "./store.ts";

export type UpdateOrganizationInput = {
  name?: string | null;
  timeZone?: string | null;
  country?: string | null;
  visibleUnsubscribeLink?: boolean | null;
  holdRunsOnAutoReply?: boolean | null;
};

const MAX_API_KEYS = 500;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_LENGTH = 32;

export class OrganizationService {
  readonly #writer: CrmWriter;
  readonly #store: OrganizationStore;

  constructor(writer: CrmWriter, store: OrganizationStore) {
    this.#writer = writer;
    this.#store = store;
  }

  update(caller: Caller, input: UpdateOrganizationInput): Promise<Outcome<string>> {
    return this.#writer.commit(caller, async (transaction) => {
      const before = await this.#store.find(caller.scope, transaction.session);
      if (!before) return transaction.refuse(notFound("organization", ["input"]));
      const problems: Problem[] = [];
      const after = withInput(before, input, problems);
      transaction.refuseIf(problems);
      if (JSON.stringify(after) === JSON.stringify(before)) return before._id;
      const next = { ...after, version: before.version + 1, updatedAt: transaction.at };
      await transaction.update(this.#store.organizations, [{ before, after: next }]);
      const { version, timeZone, updatedAt: at } = next;
      transaction.unit.tell({
        kind: "organizationChanged",
        organizationId: before._id,
        items: [{ key: newId(at), version, timeZone, actor: caller.actor, at }],
      });
      return before._id;
    });
  }

  /** @returns the new key's id and its secret, which is shown this once. */
  async createApiKey(
    caller: Caller,
    input: { name: string; role: Role },
  ): Promise<Outcome<{ id: string; secret: string }>> {
    const problems: Problem[] = [];
    const name = readName(input.name, ["input", "name"], problems);
    const active = await this.#store.apiKeys.count(caller.scope, { revokedAt: null });
    if (active >= MAX_API_KEYS) {
      problems.push(problem("TOO_MANY", `An organization has at most ${MAX_API_KEYS} keys. Revoke one.`, ["input"]));
    }
    if (problems.length > 0) return refused(problems);
    const secret = newSecret();
    return this.#writer.commit(caller, async ({ at, scope, session }) => {
      const key: ApiKey = {
        _id: newId(at),
        organizationId: scope.organizationId,
        name,
        role: input.role,
        hash: hashOf(secret),
        lastUsedAt: null,
        revokedAt: null,
        version: 1,
        createdAt: at,
        updatedAt: at,
      };
      await this.#store.apiKeys.insertMany(scope, [key], session);
      return { id: key._id, secret };
    });
  }

  /** Revoking twice changes nothing. */
  revokeApiKey(caller: Caller, id: string): Promise<Outcome<ApiKey>> {
    return this.#writer.commit(caller, async (transaction) => {
      const before = await this.#store.apiKeys.findOne(caller.scope, { _id: id }, transaction.session);
      if (!before) return transaction.refuse(notFound("API key", ["id"]));
      if (before.revokedAt) return before;
      const { at } = transaction;
      const after = { ...before, revokedAt: at, version: before.version + 1, updatedAt: at };
      await transaction.update(this.#store.apiKeys, [{ before, after }]);
      return after;
    });
  }
}

/** What is stored of a secret. It has 190 bits of chance, so a plain hash cannot be searched. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function newSecret(): string {
  const characters = Array.from({ length: SECRET_LENGTH }, () => BASE62[randomInt(BASE62.length)]);
  return `cdz_${characters.join("")}`;
}

function withInput(before: Organization, input: UpdateOrganizationInput, problems: Problem[]): Organization {
  const name = input.name === undefined ? before.name : readName(input.name, ["input", "name"], problems);
  const country = input.country?.toUpperCase() ?? before.country;
  if (!isCountry(country)) {
    const message = "This is not a country's two-letter code (ISO 3166-1), such as DE.";
    problems.push(problem("INVALID_VALUE", message, ["input", "country"]));
  }
  return {
    ...before,
    name,
    timeZone: input.timeZone ?? before.timeZone,
    country,
    settings: {
      visibleUnsubscribeLink: input.visibleUnsubscribeLink ?? before.settings.visibleUnsubscribeLink,
      holdRunsOnAutoReply: input.holdRunsOnAutoReply ?? before.settings.holdRunsOnAutoReply,
    },
  };
}
