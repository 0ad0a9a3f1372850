import type {
  ContactView,
  CustomValues,
  EventContext,
  LeadView,
  OpportunityView,
  OrganizationView,
  UserView,
} from "@cadenza/contracts";

export type TemplateSubjects = {
  organization: OrganizationView;
  lead: LeadView | null;
  contact: ContactView | null;
  opportunity: OpportunityView | null;
  sender: UserView | null;
  event: EventContext | null;
};

/**
 * What a template sees (EML-1): fields named as in the graph, `firstName` beside each person's name, and custom fields as
 * `custom["<id or name>"]`. Known but empty fields are null; what has another name does not exist.
 */
export function subjectVariables(subjects: TemplateSubjects): object {
  const { organization, lead, contact, opportunity, sender, event } = subjects;
  const names = Object.entries(organization.customFieldNames);
  return {
    lead: lead && {
      id: lead.id,
      name: lead.name,
      firstName: firstWord(lead.name),
      description: lead.description,
      url: lead.url,
      status: lead.status,
      custom: customVariables(lead.custom, names),
      createdAt: lead.createdAt,
      updatedAt: lead.updatedAt,
    },
    contact: contact && {
      id: contact.id,
      name: contact.name,
      firstName: firstWord(contact.name),
      title: contact.title,
      timeZone: contact.timeZone,
      emails: contact.emails.map((address) => ({ address })),
      phones: contact.phones,
      custom: customVariables(contact.custom, names),
      createdAt: contact.createdAt,
      updatedAt: contact.updatedAt,
    },
    opportunity: opportunity && {
      id: opportunity.id,
      status: opportunity.status,
      value: opportunity.value,
      period: opportunity.period,
      confidence: opportunity.confidence,
      expectedCloseDate: opportunity.expectedCloseDate,
      note: opportunity.note,
      custom: customVariables(opportunity.custom, names),
      createdAt: opportunity.createdAt,
      updatedAt: opportunity.updatedAt,
    },
    sender: sender && {
      id: sender.id,
      name: sender.name,
      firstName: firstWord(sender.name),
      email: sender.email,
      timeZone: sender.timeZone,
    },
    organization: {
      id: organization.id,
      name: organization.name,
      timeZone: organization.timeZone,
      country: organization.country,
    },
    event: event && { kind: event.kind, data: event.data, previous: event.previous, user: event.user },
  };
}

function firstWord(name: string): string {
  return name.trim().split(/\s+/, 1)[0] ?? "";
}

/** By id and by name; where fields of two objects share a name, the one that has a value here. */
function customVariables(values: CustomValues, names: readonly (readonly [string, string])[]): object {
  const variables = Object.create(null) as Record<string, unknown>;
  for (const [id, name] of names) {
    const value = values[id] ?? null;
    variables[id] = value;
    variables[name] ??= value;
  }
  return variables;
}
