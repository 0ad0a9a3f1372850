import type { Clock } from "@cadenza/platform";
import { addressKey, type EmailAccountDocument, type SuppressionDocument } from "@cadenza/sending";
import type { RequestContext } from "@cadenza/subgraph";
import DataLoader from "dataloader";
import type { CallDocument } from "./calls/call.ts";
import type { CallService } from "./calls/service.ts";
import type { CallStore } from "./calls/store.ts";
import type { EmailAccountService } from "./email-accounts/service.ts";
import type { EmailAccountStore } from "./email-accounts/store.ts";
import type { SendingUsage } from "./email-accounts/usage.ts";
import type { MessageService } from "./messages/service.ts";
import type { Message, MessageStore } from "./messages/store.ts";
import type { People } from "./people.ts";
import type { SendingCount } from "./preparation/choose-account.ts";
import type { SuppressionService } from "./suppressions/service.ts";
import type { SuppressionStore } from "./suppressions/store.ts";
import type { TemplateService } from "./templates/service.ts";
import type { TemplateStore } from "./templates/store.ts";
import type { TemplateDocument } from "./templates/template.ts";

/** What resolvers work with. */
export type CommunicationsParts = {
  clock: Clock;
  people: People;
  templates: TemplateService;
  templateStore: TemplateStore;
  emailAccounts: EmailAccountService;
  emailAccountStore: EmailAccountStore;
  usage: SendingUsage;
  messages: MessageService;
  messageStore: MessageStore;
  calls: CallService;
  callStore: CallStore;
  suppressions: SuppressionService;
  suppressionStore: SuppressionStore;
};

/** Reads of one request, gathered; all of them within its organization. */
export type Loaders = {
  templates: DataLoader<string, TemplateDocument | null>;
  messages: DataLoader<string, Message | null>;
  calls: DataLoader<string, CallDocument | null>;
  accounts: DataLoader<string, EmailAccountDocument | null>;
  accountsOfUser: DataLoader<string, EmailAccountDocument[]>;
  usage: DataLoader<string, SendingCount>;
  suppressions: DataLoader<string, SuppressionDocument | null>;
};

export type CommunicationsContext = RequestContext & CommunicationsParts & { loaders: Loaders };

export function contextOf(base: RequestContext, parts: CommunicationsParts): CommunicationsContext {
  return { ...parts, ...base, loaders: loadersOf(base, parts) };
}

function loadersOf(base: RequestContext, parts: CommunicationsParts): Loaders {
  const { scope } = base;
  return {
    templates: new DataLoader((ids) => parts.templateStore.findVisible(base, ids)),
    messages: new DataLoader((ids) => parts.messageStore.findByIds(scope, ids)),
    calls: new DataLoader((ids) => parts.callStore.findByIds(scope, ids)),
    accounts: new DataLoader((ids) => parts.emailAccountStore.findByIds(scope, ids)),
    accountsOfUser: new DataLoader(async (ids) => {
      const byOwner = Map.groupBy(await parts.emailAccountStore.findByOwners(scope, ids), ({ ownerId }) => ownerId);
      return ids.map((id) => byOwner.get(id) ?? []);
    }),
    usage: new DataLoader(async (ids) => {
      const counts = await parts.usage.of(scope, ids, parts.clock.now());
      return ids.map((id) => counts.get(id) ?? { lastHour: 0, last24Hours: 0, queued: 0 });
    }),
    suppressions: new DataLoader(async (addresses) => {
      const found = await parts.suppressionStore.findByAddresses(scope, "EMAIL", addresses);
      return addresses.map((address) => found.get(addressKey(address)) ?? null);
    }),
  };
}
