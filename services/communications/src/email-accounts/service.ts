import type { Committer, UnitOfWork } from "@cadenza/messaging";
import { newId } from "@cadenza/platform";
import {
  addressKey,
  DISPATCHER_WAKE,
  EMAIL_ACCOUNT_ADDRESS_INDEX,
  type EmailAccountDocument,
  type SecretBox,
  sendingShard,
  type ServerSettings,
  wakeText,
} from "@cadenza/sending";
import { isDuplicateKey, type OrganizationScope } from "@cadenza/storage";
import { type Answer, done, refused } from "../answer.ts";
import type { People } from "../people.ts";
import { requireOwn, type Viewer } from "../viewer.ts";
import {
  checkAddress,
  checkDisplayName,
  checkSendAs,
  checkServer,
  type LimitsInput,
  limitsOf,
} from "./account-input.ts";
import type { ServerInput } from "./check-connection.ts";
import type { EmailAccountStore } from "./store.ts";

export type ConnectInput = {
  ownerId: string;
  address: string;
  displayName?: string | null;
  smtp: ServerInput;
  default?: boolean | null;
  sendAsUserIds?: string[] | null;
  limits?: LimitsInput | null;
};
export type UpdateInput = Partial<Omit<ConnectInput, "ownerId" | "address">> & { paused?: boolean | null };

export type EmailAccountServiceOptions = {
  committer: Committer;
  store: EmailAccountStore;
  people: People;
  secrets: SecretBox;
  /** Connects for real; see `checkConnection`. */
  check: (server: ServerInput) => Promise<Answer<true>>;
};

const PAUSED = { code: "PAUSED_BY_USER", message: "A user has paused this account. Resume it to send again." };
const DISCONNECTED = { code: "DISCONNECTED_BY_USER", message: "A user has disconnected this account." };
/** Mailboxes that users send from. */
export class EmailAccountService {
  readonly #options: EmailAccountServiceOptions;

  constructor(options: EmailAccountServiceOptions) {
    this.#options = options;
  }

  async connect(viewer: Viewer, input: ConnectInput): Promise<Answer<EmailAccountDocument>> {
    requireOwn(viewer, input.ownerId, "account");
    const address = checkAddress(input.address);
    const displayName = checkDisplayName(input.displayName ?? null);
    const server = checkServer(input.smtp);
    const sendAsUserIds = checkSendAs(input.sendAsUserIds ?? []);
    const limits = limitsOf(input.limits);
    const fault =
      (await this.#faultOfUsers(viewer.scope, [input.ownerId], "ownerId")) ??
      (await this.#faultOfUsers(viewer.scope, sendAsUserIds, "sendAsUserIds"));
    if (fault) return fault;
    const checked = await this.#options.check(server);
    if (!checked.ok) return checked;
    const at = this.#options.committer.clock.now();
    const _id = newId(at);
    const account: EmailAccountDocument = {
      _id,
      organizationId: viewer.scope.organizationId,
      version: 1,
      createdAt: at,
      updatedAt: at,
      ownerId: input.ownerId,
      address,
      addressKey: addressKey(address),
      displayName,
      status: "CONNECTED",
      statusReason: null,
      default: input.default ?? false,
      sendAsUserIds,
      limits,
      shard: sendingShard(viewer.scope.organizationId, address),
      smtp: this.#sealed(_id, server),
    };
    try {
      await this.#options.committer.commit(async (unit) => {
        await this.#options.store.insert(viewer.scope, account, unit.session);
        if (account.default) await this.#clearOtherDefaults(account, viewer.scope, unit);
      });
    } catch (error) {
      if (!isDuplicateKey(error, EMAIL_ACCOUNT_ADDRESS_INDEX)) throw error;
      return refused("ADDRESS_CONNECTED", "This address is connected already.", ["input", "address"]);
    }
    return done(account);
  }

  async update(viewer: Viewer, id: string, input: UpdateInput): Promise<Answer<EmailAccountDocument>> {
    const [known] = await this.#options.store.findByIds(viewer.scope, [id]);
    if (!known) return unknownAccount();
    requireOwn(viewer, known.ownerId, "account");
    const server = input.smtp ? checkServer(input.smtp) : null;
    const sendAsUserIds = input.sendAsUserIds ? checkSendAs(input.sendAsUserIds) : null;
    const displayName = input.displayName === undefined ? undefined : checkDisplayName(input.displayName);
    const fault = sendAsUserIds && (await this.#faultOfUsers(viewer.scope, sendAsUserIds, "sendAsUserIds"));
    if (fault) return fault;
    if (known.status === "DISCONNECTED" && !server) {
      return refused(
        "ACCOUNT_DISCONNECTED",
        "This account is disconnected. Give its server settings to connect it again.",
        ["id"],
      );
    }
    const checked = server ? await this.#options.check(server) : null;
    if (checked && !checked.ok) return checked;
    try {
      return await this.#change(viewer.scope, id, (account) => ({
        ...account,
        ...(displayName === undefined ? {} : { displayName }),
        ...(sendAsUserIds ? { sendAsUserIds } : {}),
        ...(server ? { smtp: this.#sealed(id, server) } : {}),
        limits: limitsOf(input.limits, account.limits),
        default: input.default ?? account.default,
        ...statusAfter(account, input.paused ?? undefined, server !== null),
      }));
    } catch (error) {
      if (!isDuplicateKey(error, EMAIL_ACCOUNT_ADDRESS_INDEX)) throw error;
      return refused("ADDRESS_CONNECTED", "Another account with this address is connected.", ["id"]);
    }
  }

  /** Forgets the credentials. The dispatcher ends what is queued. */
  async disconnect(viewer: Viewer, id: string): Promise<Answer<EmailAccountDocument>> {
    const [known] = await this.#options.store.findByIds(viewer.scope, [id]);
    if (!known) return unknownAccount();
    requireOwn(viewer, known.ownerId, "account");
    return this.#change(viewer.scope, id, (account) => ({
      ...account,
      status: "DISCONNECTED",
      statusReason: DISCONNECTED,
      default: false,
      smtp: { ...account.smtp, secret: null },
    }));
  }

  async #change(
    scope: OrganizationScope,
    id: string,
    change: (account: EmailAccountDocument) => EmailAccountDocument,
  ): Promise<Answer<EmailAccountDocument>> {
    const { committer, store } = this.#options;
    return committer.commit(async (unit) => {
      const [account] = await store.findByIds(scope, [id], unit.session);
      if (!account) return unknownAccount();
      const changed = { ...change(account), version: account.version + 1, updatedAt: committer.clock.now() };
      await store.replace(scope, changed, unit.session);
      if (changed.default && !account.default) await this.#clearOtherDefaults(changed, scope, unit);
      unit.wake(DISPATCHER_WAKE, wakeText([changed.shard]));
      return done(changed);
    });
  }

  async #clearOtherDefaults(account: EmailAccountDocument, scope: OrganizationScope, unit: UnitOfWork): Promise<void> {
    await this.#options.store.clearDefaults(scope, account.ownerId, account._id, unit.session);
  }

  async #faultOfUsers(scope: OrganizationScope, userIds: readonly string[], field: string) {
    const [unknown] = await this.#options.people.notActive(scope, userIds);
    if (unknown === undefined) return null;
    return refused("USER_NOT_FOUND", "There is no such active user.", ["input", field]);
  }

  #sealed(accountId: string, { host, port, security, username, password }: ServerInput): ServerSettings {
    const secret = password ? this.#options.secrets.seal(password, accountId) : null;
    return { host, port, security, username: username ?? null, secret };
  }
}

function unknownAccount() {
  return refused("NOT_FOUND", "There is no such email account.", ["id"]);
}

function statusAfter(account: EmailAccountDocument, paused: boolean | undefined, reconnected: boolean) {
  if (paused === true) return { status: "PAUSED" as const, statusReason: PAUSED };
  const lifts = paused === false || (reconnected && account.status === "DISCONNECTED");
  return lifts ? { status: "CONNECTED" as const, statusReason: null } : {};
}
