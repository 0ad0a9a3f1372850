import type { CrmReader } from "@cadenza/contracts";
import type { Metrics } from "@cadenza/platform";
import { type Committer, type Consumer, consumeCommands, consumeMerges } from "@cadenza/messaging";
import { SecretBox, type SecretKeys, SENDING_INDEXES } from "@cadenza/sending";
import type { Database } from "@cadenza/storage";
import { IDEMPOTENCY_INDEXES, IdempotencyKeys, loadTypeDefs } from "@cadenza/subgraph";
import { activityResolvers } from "./activity/resolvers.ts";
import { CALL_INDEXES } from "./calls/call.ts";
import { callResolvers } from "./calls/resolvers.ts";
import { CallService } from "./calls/service.ts";
import { CallStore } from "./calls/store.ts";
import type { CommunicationsParts } from "./context.ts";
import { checkConnection } from "./email-accounts/check-connection.ts";
import { emailAccountResolvers } from "./email-accounts/resolvers.ts";
import { EmailAccountService } from "./email-accounts/service.ts";
import { EmailAccountStore } from "./email-accounts/store.ts";
import { SendingUsage } from "./email-accounts/usage.ts";
import { MessageClosing } from "./messages/closing.ts";
import { messageResolvers } from "./messages/resolvers.ts";
import { MessageService } from "./messages/service.ts";
import { MessageStore } from "./messages/store.ts";
import { People } from "./people.ts";
import { AccountChooser } from "./preparation/account-chooser.ts";
import { EmailPlanner } from "./preparation/email-planner.ts";
import { EmailWriter } from "./preparation/email-writer.ts";
import { EmailPreparation } from "./preparation/prepare-email.ts";
import { SuppressionService } from "./suppressions/service.ts";
import { suppressionResolvers } from "./suppressions/resolvers.ts";
import { SuppressionStore } from "./suppressions/store.ts";
import { templateResolvers } from "./templates/resolvers.ts";
import { TemplateService } from "./templates/service.ts";
import { TemplateStore } from "./templates/store.ts";
import { TEMPLATE_INDEXES } from "./templates/template.ts";
import { UnsubscribeLinks } from "./unsubscribe/links.ts";
import { MessageWithdrawal } from "./withdrawal/withdraw-message.ts";

export type CommunicationsOptions = {
  database: Database;
  committer: Committer;
  crm: CrmReader;
  secretKeys: SecretKeys;
  publicUrl: string;
  /** The address to connect to; throws where the deployment does not allow it. */
  resolveHost: (host: string) => Promise<string>;
  /** Copies of the streams (default 1). */
  replicas?: number;
  metrics?: Metrics;
};

export const typeDefs = loadTypeDefs(new URL(".", import.meta.url));
export const resolvers = [
  templateResolvers,
  emailAccountResolvers,
  messageResolvers,
  callResolvers,
  activityResolvers,
  suppressionResolvers,
];
export const INDEXES = [...SENDING_INDEXES, ...CALL_INDEXES, ...TEMPLATE_INDEXES, ...IDEMPOTENCY_INDEXES];

export type Communications = {
  parts: CommunicationsParts;
  planner: EmailPlanner;
  links: UnsubscribeLinks;
  secrets: SecretBox;
  /** Starts taking commands. */
  consume(): Promise<Consumer[]>;
};

/** Puts the service together; nothing runs before `consume`. */
export function createCommunications(options: CommunicationsOptions): Communications {
  const { database, committer, crm } = options;
  const { clock } = committer;
  const secrets = new SecretBox(options.secretKeys);
  const links = new UnsubscribeLinks({ keys: options.secretKeys, publicUrl: options.publicUrl });
  const people = new People(crm);
  const templateStore = new TemplateStore(database);
  const emailAccountStore = new EmailAccountStore(database);
  const messageStore = new MessageStore(database);
  const callStore = new CallStore(database);
  const suppressionStore = new SuppressionStore(database);
  const usage = new SendingUsage(database);
  const closing = new MessageClosing({ store: messageStore, clock });
  const chooser = new AccountChooser({ accounts: emailAccountStore, usage });
  const writer = new EmailWriter(links);
  const shared = { templates: templateStore, suppressions: suppressionStore, chooser, writer };
  const prepared = options.metrics?.counter("emails_prepared_total", "Emails of steps by what became of them.", [
    "outcome",
  ]);
  const planner = new EmailPlanner({ crm, clock, templates: templateStore, suppressions: suppressionStore, chooser });
  const preparation = new EmailPreparation({ planner, writer, clock, messages: messageStore, prepared });
  const withdrawal = new MessageWithdrawal({ messages: messageStore, closing, clock });
  const check = (server: Parameters<typeof checkConnection>[0]) =>
    checkConnection(server, { resolveHost: options.resolveHost });
  const idempotency = new IdempotencyKeys(database);
  const parts: CommunicationsParts = {
    clock,
    people,
    templateStore,
    templates: new TemplateService({ store: templateStore, committer }),
    emailAccountStore,
    usage,
    emailAccounts: new EmailAccountService({ committer, store: emailAccountStore, people, secrets, check }),
    messageStore,
    messages: new MessageService({ ...shared, committer, store: messageStore, people, idempotency }),
    callStore,
    calls: new CallService({ committer, store: callStore, people, idempotency }),
    suppressionStore,
    suppressions: new SuppressionService({ store: suppressionStore, closing, committer }),
  };
  const replicas = options.replicas ?? 1;
  return {
    parts,
    planner,
    links,
    secrets,
    consume: () =>
      Promise.all([
        consumeCommands({
          committer,
          kind: "prepareEmail",
          replicas,
          concurrency: 3,
          effect: (items, unit, { scope }) => preparation.prepare(items, unit, scope),
        }),
        consumeCommands({
          committer,
          kind: "withdrawMessage",
          replicas,
          effect: (items, unit, context) => withdrawal.withdraw(items, unit, context),
        }),
        consumeMerges({
          committer,
          durable: "communications-merges",
          replicas,
          move: async (scope, moves, { session }) => {
            await messageStore.moveSubjects(scope, moves, session);
            await callStore.moveSubjects(scope, moves, session);
          },
        }),
      ]),
  };
}
