import type { PrepareEmailCommand } from "./commands.ts";
import type { Definition, WorkflowStatus } from "./definition.ts";
import type { CallEnded } from "./events.ts";
import type { Reason, Role } from "./values.ts";

/** Requests and answers of the gRPC services in `proto/`; nested records travel as JSON text (see `proto/cadenza.proto`). */

export type Subject = { leadId: string; contactId: string | null; opportunityId: string | null; userIds: string[] };
export type GetSubjectsRequest = {
  organizationId: string;
  subjects: Subject[];
  /** Whether ids of merged leads and contacts mean those that stay; for steps that were on their way when the merge came (default false). */
  followMerges?: boolean;
};
/** In the order of the request. A null object does not exist (any more). */
export type GetSubjectsResponse = { organization: OrganizationView; subjects: SubjectView[] };

/** Custom values are raw and by field id; `names` gives the fields' names for templates. */
export type CustomValues = Record<string, unknown>;
export type OrganizationView = {
  id: string;
  name: string;
  timeZone: string;
  country: string;
  visibleUnsubscribeLink: boolean;
  /** Custom field id → name, of all three objects. */
  customFieldNames: Record<string, string>;
};
export type UserView = {
  id: string;
  name: string;
  email: string;
  role: Role;
  status: "ACTIVE" | "DEACTIVATED";
  away: boolean;
  timeZone: string | null;
};
export type LeadView = {
  id: string;
  version: number;
  name: string;
  description: string | null;
  url: string | null;
  status: { id: string; name: string };
  custom: CustomValues;
  /** In their order; the first is the primary contact. */
  contactIds: string[];
  createdAt: string;
  updatedAt: string;
};
export type ContactView = {
  id: string;
  leadId: string;
  version: number;
  name: string;
  title: string | null;
  timeZone: string | null;
  emails: string[];
  phones: { number: string; country: string | null }[];
  custom: CustomValues;
  createdAt: string;
  updatedAt: string;
};
export type OpportunityView = {
  id: string;
  leadId: string;
  contactId: string | null;
  userId: string | null;
  version: number;
  status: { id: string; name: string; kind: "OPEN" | "WON" | "LOST" };
  value: { amount: string; currency: string } | null;
  period: "ONE_TIME" | "MONTHLY" | "ANNUAL";
  confidence: number | null;
  expectedCloseDate: string | null;
  note: string | null;
  custom: CustomValues;
  createdAt: string;
  updatedAt: string;
};
export type SubjectView = {
  lead: LeadView | null;
  contact: ContactView | null;
  opportunity: OpportunityView | null;
  users: (UserView | null)[];
};

/** Contacts for a bulk enrolment, in id order, page by page. */
export type FindContactsRequest = {
  organizationId: string;
  contactIds: string[] | null;
  filterJson: string | null;
  afterId: string | null;
  limit: number;
};
/** `total` is counted on the first page only, 0 on the others. */
export type FindContactsResponse = {
  contacts: { id: string; leadId: string }[];
  total: number;
  /** Why nobody is found by the filter: what is wrong with it and where, as a path into it. */
  fault?: { message: string; path: string[] } | null;
};

/** Existence checks of WF-5: which of these an organization has, and what they are. */
export type CheckReferencesRequest = {
  organizationId: string;
  userIds: string[];
  groupIds: string[];
  customFieldIds: string[];
  leadStatusIds: string[];
};
export type CheckReferencesResponse = {
  organizationTimeZone: string;
  users: { id: string; status: "ACTIVE" | "DEACTIVATED" }[];
  groups: { id: string; activeMembers: number }[];
  customFields: CustomFieldView[];
  leadStatusIds: string[];
  opportunityStatusIds: string[];
};
export type CustomFieldView = {
  id: string;
  object: "LEAD" | "CONTACT" | "OPPORTUNITY";
  name: string;
  type: "TEXT" | "NUMBER" | "DATE" | "DATETIME" | "CHOICE" | "USER" | "URL";
  multiple: boolean;
  choices: string[];
};

/** Everything that a workflow's document calls by name; users and groups as far as ids, addresses or names ask for them. */
export type CatalogRequest = {
  organizationId: string;
  /** Addresses and names match whatever their case. */
  users: { ids: string[]; emails: string[]; names: string[] };
  groups: { ids: string[]; names: string[] };
};
export type CatalogResponse = {
  organizationTimeZone: string;
  users: { id: string; name: string; email: string; status: "ACTIVE" | "DEACTIVATED" }[];
  groups: { id: string; name: string; activeMembers: number }[];
  customFields: CustomFieldView[];
  leadStatuses: { id: string; name: string }[];
  opportunityStatuses: { id: string; name: string; kind: "OPEN" | "WON" | "LOST" }[];
};

/**
 * Opportunities in an open status whose last change lies after `changedAfter` and not after `changedUntil` (ISO instants).
 * For the next page `changedAfter` and `afterId` are those of the last one's last opportunity: at that very instant, those
 * with a greater id follow.
 */
export type FindStalledRequest = {
  organizationId: string;
  changedAfter: string;
  changedUntil: string;
  afterId: string | null;
  limit: number;
};
/** By last change, then id. `nextChangedAt`: the first change after `changedUntil` of one that is open; null where there is none. */
export type FindStalledResponse = {
  opportunities: { id: string; leadId: string; contactId: string | null; version: number; updatedAt: string }[];
  nextChangedAt: string | null;
};

export type ResolveIdentityRequest = { organizationId: string; userId: string } | { apiKeyHash: string };
/** Null where there is no such active user or unrevoked key. */
export type ResolveIdentityResponse = {
  identity: {
    organizationId: string;
    role: Role;
    userId: string | null;
    apiKeyId: string | null;
    label: string;
  } | null;
};

export type CurrentRevisionsRequest = { workflows: { organizationId: string; workflowId: string }[] };
/** In the order of the request; null where there is none. */
export type CurrentRevisionsResponse = {
  workflows: ({ workflowId: string; revision: number; status: WorkflowStatus } | null)[];
};
export type GetDefinitionsRequest = { revisions: { organizationId: string; workflowId: string; revision: number }[] };
export type GetDefinitionsResponse = { definitions: (Definition | null)[] };
/** Active workflows that have a trigger, in the order of their ids; of one organization, or of all where none is named. */
export type ListTriggeredRequest = { organizationId?: string | null; afterWorkflowId: string | null; limit: number };
export type ListTriggeredResponse = { workflows: { organizationId: string; workflowId: string; revision: number }[] };

export type WorkflowProblemsRequest = { organizationId: string; workflowId: string };
/** What stands in the way of the newest revision's activation (WF-5); null where there is no such workflow. */
export type WorkflowProblemsResponse = { problems: WorkflowProblem[] | null };
/** `field` is a path as in the input: `email.templateId`. */
export type WorkflowProblem = { code: string; message: string; stepId: string | null; field: string | null };

/** Which of these templates an organization has. */
export type CheckTemplatesRequest = { organizationId: string; templateIds: string[] };
export type CheckTemplatesResponse = { templates: { id: string; channel: "EMAIL" | "SMS"; shared: boolean }[] };
/** Templates by id, and by name, whatever its case: there may be several of one name. */
export type FindTemplatesRequest = {
  organizationId: string;
  ids: string[];
  names: { channel: "EMAIL" | "SMS"; name: string }[];
};
/** `ownerId`: who may see one that is not shared, besides admins; null for one that an API key made. */
export type FindTemplatesResponse = {
  templates: { id: string; channel: "EMAIL" | "SMS"; name: string; shared: boolean; ownerId: string | null }[];
};
export type GetCallsRequest = { organizationId: string; callIds: string[] };
/** In the order of the request; null where there is no such call. */
export type GetCallsResponse = { calls: (CallView | null)[] };
export type CallView = {
  id: string;
  leadId: string | null;
  contactId: string | null;
  direction: CallEnded["direction"];
  status: CallEnded["status"];
};
/** Emails that steps would send, as their commands would order them; `at` (ISO) is what templates see as now. */
export type PreviewEmailsRequest = { organizationId: string; items: EmailPreviewItem[] };
export type EmailPreviewItem = Pick<
  PrepareEmailCommand,
  | "sender"
  | "templateId"
  | "leadId"
  | "contactId"
  | "opportunityId"
  | "creatorOrEnrollingUserId"
  | "event"
  | "chosenAccountIds"
> & { at: string };
/** In the order of the request. `senderId` is null where the sender is no user (any more). */
export type PreviewEmailsResponse = { emails: EmailPreview[] };
export type EmailPreview = {
  outcome: "READY" | "SKIPPED" | "ERROR";
  reason: Reason | null;
  senderId: string | null;
  subject: string | null;
  body: string | null;
};
/** Messages that are due to go out at `before` (ISO) and have not; what `advanceTestClock` waits for. */
export type CountDueRequest = { before: string };
export type CountDueResponse = { due: number; nextAt: string | null };

export type CrmReader = {
  getSubjects(request: GetSubjectsRequest): Promise<GetSubjectsResponse>;
  findContacts(request: FindContactsRequest): Promise<FindContactsResponse>;
  checkReferences(request: CheckReferencesRequest): Promise<CheckReferencesResponse>;
  catalog(request: CatalogRequest): Promise<CatalogResponse>;
  findStalled(request: FindStalledRequest): Promise<FindStalledResponse>;
};
export type IdentityService = { resolve(request: ResolveIdentityRequest): Promise<ResolveIdentityResponse> };
export type DefinitionsService = {
  current(request: CurrentRevisionsRequest): Promise<CurrentRevisionsResponse>;
  get(request: GetDefinitionsRequest): Promise<GetDefinitionsResponse>;
  listTriggered(request: ListTriggeredRequest): Promise<ListTriggeredResponse>;
  problems(request: WorkflowProblemsRequest): Promise<WorkflowProblemsResponse>;
};
export type SendsService = {
  checkTemplates(request: CheckTemplatesRequest): Promise<CheckTemplatesResponse>;
  findTemplates(request: FindTemplatesRequest): Promise<FindTemplatesResponse>;
  getCalls(request: GetCallsRequest): Promise<GetCallsResponse>;
  previewEmails(request: PreviewEmailsRequest): Promise<PreviewEmailsResponse>;
  countDue(request: CountDueRequest): Promise<CountDueResponse>;
};
