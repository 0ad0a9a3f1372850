import type { FieldAssignmentInput } from "../steps/fields-input.ts";
import type { PersonRuleInput } from "../steps/person-input.ts";
import type { StepInput } from "../steps/step-input.ts";
import type { AssignmentDocument, PersonDocument, StepDocument } from "./document.ts";
import { type CrmObject, readNamedField } from "./field-reference.ts";
import type { NameResolver } from "./name-resolver.ts";
import { kindOfStandardField } from "./value-kind.ts";

/** A step's input, and in `resolver` what its names could not be resolved to. @param index the step's, from 0. */
export function stepInput(document: StepDocument, index: number, resolver: NameResolver): StepInput {
  const { name, delay, email, sms, call, task, assignUser, createOpportunity, updateLead, updateOpportunity } =
    document;
  const reader = new StepReader(index, resolver);
  return {
    name,
    delay,
    email: email && reader.message("EMAIL", email),
    sms: sms && reader.message("SMS", sms),
    call: call && { ...call, assignee: reader.person(call.assignee, "call.assignee") },
    task: task && { ...task, assignee: reader.person(task.assignee, "task.assignee") },
    assignUser: assignUser && reader.assignUser(assignUser),
    createOpportunity: createOpportunity && reader.assigning(createOpportunity, "OPPORTUNITY", "createOpportunity"),
    updateLead: updateLead && reader.assigning(updateLead, "LEAD", "updateLead"),
    updateOpportunity: updateOpportunity && reader.assigning(updateOpportunity, "OPPORTUNITY", "updateOpportunity"),
  };
}

class StepReader {
  readonly #index: number;
  readonly #names: NameResolver;

  constructor(index: number, names: NameResolver) {
    this.#index = index;
    this.#names = names;
  }

  message<M extends { sender?: PersonDocument | null | undefined; template?: string | null | undefined }>(
    channel: "EMAIL" | "SMS",
    { sender, template, ...message }: M,
  ) {
    const key = channel === "EMAIL" ? "email" : "sms";
    return {
      ...message,
      sender: this.person(sender, `${key}.sender`),
      templateId: this.#names.template(channel, template, this.#at(`${key}.templateId`)),
    };
  }

  person(document: PersonDocument | null | undefined, field: string): PersonRuleInput | null {
    if (!document) return null;
    const { mode, user, groups, customField } = document;
    return {
      mode,
      userId: this.#names.user(user, this.#at(`${field}.userId`)),
      groupIds: this.#names.groups(groups, this.#at(`${field}.groupIds`)),
      customFieldId: this.#names.customField(customField, this.#at(`${field}.customFieldId`)),
    };
  }

  assignUser({ targetField, user, groups, ...rest }: NonNullable<StepDocument["assignUser"]>) {
    return {
      ...rest,
      targetFieldId: this.#names.customField(targetField, this.#at("assignUser.targetFieldId")),
      userId: this.#names.user(user, this.#at("assignUser.userId")),
      groupIds: this.#names.groups(groups, this.#at("assignUser.groupIds")),
    };
  }

  assigning<S extends { fields: AssignmentDocument[] }>(
    settings: S,
    object: CrmObject,
    key: string,
  ): Omit<S, "fields"> & { fields: FieldAssignmentInput[] } {
    const fields = settings.fields.map((each, index) => this.#assignment(each, object, `${key}.fields.${index}`));
    return { ...settings, fields };
  }

  #assignment(document: AssignmentDocument, object: CrmObject, at: string): FieldAssignmentInput {
    const { text, value, template, aiEnrich } = document;
    const { field, kind } = this.#field(document.field, object, `${at}.field`);
    const literal = text === undefined ? value : text;
    const isName = kind !== null && text === undefined && value !== undefined;
    return {
      field,
      template,
      aiEnrich,
      ...(literal === undefined
        ? {}
        : { value: isName ? this.#names.value(kind, value, this.#at(`${at}.value`)) : literal }),
    };
  }

  /** `lead.custom["Budget"]` is `custom.<id>` in a step, which knows its object. */
  #field(text: string, object: CrmObject, at: string) {
    const named = readNamedField(text);
    if (!named) return { field: text, kind: kindOfStandardField(object, text) };
    const { path, kind } = this.#names.path(text, null, this.#at(at));
    return { field: path.slice(named.owner.length + 1), kind };
  }

  #at(field: string) {
    return { step: this.#index, field };
  }
}
