import {
  ASSIGN_STRATEGIES,
  CONDITION_OPS,
  type Condition,
  type CustomFieldView,
  DELAY_UNITS,
  type FieldAssignment,
  OPPORTUNITY_TARGETS,
  type PersonRule,
  SEND_MODES,
  type Step,
  TRIGGER_EVENTS,
  type TriggerEvent,
  WEEKDAYS,
} from "@cadenza/contracts";
import { derivedId } from "@cadenza/platform";
import fc from "fast-check";
import type { WorkflowContent } from "../src/workflows/model.ts";
import type { NameBook } from "../src/yaml/name-book.ts";

const AT = new Date("2026-01-05T09:00:00.000Z");
const id = (name: string): string => derivedId(AT, name);

/** Names that YAML, JSON or a path could take for something else. */
const NASTY = [
  "no",
  "09:00",
  "2026-12-24",
  "null",
  "~",
  "1e3",
  "Budget, yearly",
  'the "big" one',
  "a.b.c",
  "# not a comment",
  "key: value",
  "- item",
  "[x]",
  "{y}",
  "*alias",
  "&anchor",
  "!tag",
  "| pipe",
  "> folded",
  "%dir",
  "@at",
  "`tick`",
  "Größe 日本語 🎉",
  "back\\slash",
  "it's",
  "tab\tinside",
  'custom["x"]',
  "<<",
  "---",
  "  padded  ",
];
const CUSTOM_TYPES = ["TEXT", "NUMBER", "CHOICE", "USER", "DATE"] as const;

/** An organization whose things have awkward names. */
export const AWKWARD_BOOK: NameBook = {
  users: NASTY.map((name, index) => ({
    id: id(`user ${index}`),
    name,
    email: `u${index}@demo.test`,
    status: "ACTIVE",
  })),
  groups: NASTY.map((name, index) => ({ id: id(`group ${index}`), name, activeMembers: 1 })),
  customFields: NASTY.flatMap((name, index) =>
    (["LEAD", "CONTACT", "OPPORTUNITY"] as const).map((object) => ({
      id: id(`${object} ${index}`),
      object,
      name,
      type: CUSTOM_TYPES[index % CUSTOM_TYPES.length]!,
      multiple: false,
      choices: [],
    })),
  ),
  leadStatuses: NASTY.map((name, index) => ({ id: id(`status ${index}`), name })),
  opportunityStatuses: NASTY.map((name, index) => ({ id: id(`deal ${index}`), name, kind: "OPEN" })),
  templates: NASTY.flatMap((name, index) =>
    (["EMAIL", "SMS"] as const).map((channel) => ({
      id: id(`${channel} ${index}`),
      channel,
      name,
      shared: true,
      ownerId: null,
    })),
  ),
  calendars: NASTY.map((name, index) => ({ id: id(`calendar ${index}`), name })),
};

const one = (things: readonly { id: string }[]) => fc.constantFrom(...things.map((thing) => thing.id));
const some = (things: readonly { id: string }[], max = 3) => fc.uniqueArray(one(things), { maxLength: max });
const text = (maxLength = 40) =>
  fc
    .oneof(
      fc.string({ unit: "grapheme", maxLength }),
      fc.constantFrom(...NASTY),
      fc
        .array(fc.constantFrom("line", "", " indented", "trailing ", "\t", "# hash", "- dash", "a: b", "…"), {
          maxLength: 5,
        })
        .map((lines) => lines.join("\n")),
      fc.constantFrom("a\r\nb", "\n", "\n\nx", "x\n\n", "\u0001", "\u2028", "\ufeffbom", "%PDF", "{{ lead.name }}"),
    )
    .filter((value) => value.isWellFormed() && !value.includes("\u0000"));
const line = text(40).map((value) => value || "x");
const nullable = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const delay = fc.record({ amount: fc.nat(300), unit: fc.constantFrom(...DELAY_UNITS) });

const person: fc.Arbitrary<PersonRule> = fc.oneof(
  fc.constant<PersonRule>({
    mode: "CREATOR_OR_ENROLLING_USER",
    userId: null,
    groupIds: [],
    customFieldId: null,
  }),
  nullable(one(AWKWARD_BOOK.users)).map((userId) => ({
    mode: "USER" as const,
    userId,
    groupIds: [],
    customFieldId: null,
  })),
  some(AWKWARD_BOOK.groups).map((groupIds) => ({
    mode: "GROUP" as const,
    userId: null,
    groupIds,
    customFieldId: null,
  })),
  nullable(one(AWKWARD_BOOK.customFields)).map((customFieldId) => ({
    mode: "CUSTOM_FIELD" as const,
    userId: null,
    groupIds: [],
    customFieldId,
  })),
);

const jsonValue = fc.oneof(
  text(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(text(10), fc.integer()), { maxLength: 3 }),
  fc.integer({ min: -9, max: 9 }).map((days) => ({ days })),
);
const fieldsOf = (object: CustomFieldView["object"]) =>
  AWKWARD_BOOK.customFields.filter((field) => field.object === object);
const byId = new Map(AWKWARD_BOOK.customFields.map((field) => [field.id, field]));
const idOrIds = (things: readonly { id: string }[]) =>
  fc.oneof(one(things), fc.array(one(things), { minLength: 1, maxLength: 3 })) as fc.Arbitrary<unknown>;

const customTest = (owner: string, object: CustomFieldView["object"]) =>
  one(fieldsOf(object)).chain((fieldId) =>
    (byId.get(fieldId)!.type === "USER" ? idOrIds(AWKWARD_BOOK.users) : jsonValue).map((value) => ({
      path: `${owner}.custom.${fieldId}`,
      value,
    })),
  );
const tested = fc.oneof(
  idOrIds(AWKWARD_BOOK.leadStatuses).map((value) => ({ path: "lead.status", value })),
  idOrIds(AWKWARD_BOOK.opportunityStatuses).map((value) => ({ path: "opportunity.status", value })),
  idOrIds(AWKWARD_BOOK.users).map((value) => ({ path: "event.user", value })),
  idOrIds(AWKWARD_BOOK.users).map((value) => ({ path: "opportunity.user", value })),
  jsonValue.map((value) => ({ path: "event.data.form.plan", value })),
  jsonValue.map((value) => ({ path: "contact.title", value })),
  customTest("lead", "LEAD"),
  customTest("contact", "CONTACT"),
  customTest("opportunity", "OPPORTUNITY"),
);
const conditionTest: fc.Arbitrary<Condition> = fc
  .tuple(tested, fc.constantFrom(...CONDITION_OPS), fc.boolean())
  .map(([{ path, value }, op, hasValue]) => ({ test: hasValue ? { path, op, value } : { path, op } }));
const condition = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    conditionTest,
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie("node").map((not) => ({ not })),
  ),
})).node;
const equals = (of: fc.Arbitrary<{ path: string; value: unknown }>): fc.Arbitrary<Condition> =>
  of.map(({ path, value }) => ({ test: { path, op: "EQUALS", value } }));
/** Conditions over what only this event has. */
function ownConditions(event: TriggerEvent): fc.Arbitrary<Condition>[] {
  if (event.startsWith("CONTACT_")) return [equals(customTest("event.data", "CONTACT"))];
  if (event === "FORM_SUBMITTED")
    return [equals(jsonValue.map((value) => ({ path: "event.data.custom.plan", value })))];
  if (event !== "CALL_COMPLETED") return [];
  return [equals(idOrIds(AWKWARD_BOOK.users).map((value) => ({ path: "event.data.user", value })))];
}
const trigger = fc.constantFrom(...TRIGGER_EVENTS).chain((event) =>
  fc.record({
    event: fc.constant(event),
    conditions: nullable(fc.oneof(condition, ...ownConditions(event))),
    stalledDays: event === "OPPORTUNITY_STALLED" ? fc.integer({ min: 1, max: 900 }) : fc.constant(null),
  }),
);

const assignment = (object: "LEAD" | "OPPORTUNITY"): fc.Arbitrary<FieldAssignment> => {
  const value = (field: string, of: fc.Arbitrary<unknown>) =>
    of.map((given) => ({ field, value: given, template: null }));
  const statuses = object === "LEAD" ? AWKWARD_BOOK.leadStatuses : AWKWARD_BOOK.opportunityStatuses;
  return fc.oneof(
    value("status", fc.oneof(one(statuses), fc.constantFrom("no", "Anything by name"))),
    value("description", jsonValue),
    ...(object === "OPPORTUNITY" ? [value("user", one(AWKWARD_BOOK.users))] : []),
    one(fieldsOf(object)).chain((fieldId) =>
      value(
        `custom.${fieldId}`,
        byId.get(fieldId)!.type === "USER"
          ? fc.oneof(idOrIds(AWKWARD_BOOK.users), fc.constantFrom(null, "ada@demo.test", ["someone@demo.test"]))
          : jsonValue,
      ),
    ),
    text().map((template) => ({ field: "name", value: null, template })),
    fc.constant({ field: "url", value: null, template: null, aiEnrich: true }),
  );
};
const assignments = (object: "LEAD" | "OPPORTUNITY") =>
  fc.uniqueArray(assignment(object), { maxLength: 4, selector: ({ field }) => field });

const base = { id: fc.uuid().map(id), name: nullable(line), delay };
const message = { sender: nullable(person), sendMode: fc.constantFrom(...SEND_MODES), ignoreSchedule: fc.boolean() };
const writing = { overwrite: fc.boolean(), addMissingChoices: fc.boolean() };
const templatesOf = (channel: "EMAIL" | "SMS") => AWKWARD_BOOK.templates.filter((each) => each.channel === channel);
const step = fc.oneof(
  fc.record({
    ...base,
    kind: fc.constant("EMAIL" as const),
    ...message,
    templateId: nullable(one(templatesOf("EMAIL"))),
    replyInThread: fc.boolean(),
  }),
  fc.record({ ...base, kind: fc.constant("SMS" as const), ...message, templateId: nullable(one(templatesOf("SMS"))) }),
  fc.record({
    ...base,
    kind: fc.constant("CALL" as const),
    assignee: nullable(person),
    note: nullable(line),
    ignoreSchedule: fc.boolean(),
    optionalAfterDays: nullable(fc.integer({ min: 1, max: 30 })),
  }),
  fc.record({
    ...base,
    kind: fc.constant("TASK" as const),
    description: text(200),
    due: nullable(delay),
    assignee: nullable(person),
    optional: fc.boolean(),
  }),
  fc.record({
    ...base,
    kind: fc.constant("ASSIGN_USER" as const),
    targetFieldId: nullable(one(AWKWARD_BOOK.customFields)),
    action: fc.constantFrom("ASSIGN_IF_EMPTY" as const, "ASSIGN_OVERWRITE" as const),
    userId: fc.constant(null),
    groupIds: some(AWKWARD_BOOK.groups),
    strategy: fc.constantFrom(...ASSIGN_STRATEGIES),
  }),
  fc.record({ ...base, kind: fc.constant("CREATE_OPPORTUNITY" as const), fields: assignments("OPPORTUNITY") }),
  fc.record({ ...base, kind: fc.constant("UPDATE_LEAD" as const), fields: assignments("LEAD"), ...writing }),
  fc.record({
    ...base,
    kind: fc.constant("UPDATE_OPPORTUNITY" as const),
    target: fc.constantFrom(...OPPORTUNITY_TARGETS),
    fields: assignments("OPPORTUNITY"),
    ...writing,
  }),
) as fc.Arbitrary<Step>;

const date = fc
  .date({ min: new Date("2026-01-01T00:00:00Z"), max: new Date("2028-12-31T00:00:00Z"), noInvalidDate: true })
  .map((at) => at.toISOString().slice(0, 10));
const time = fc.nat(1439).map((m) => `${`${Math.floor(m / 60)}`.padStart(2, "0")}:${`${m % 60}`.padStart(2, "0")}`);
const schedule = fc.record({
  zoneMode: fc.constantFrom("WORKFLOW" as const, "RECIPIENT" as const),
  timeZone: fc.constantFrom("Europe/Berlin", "Asia/Kathmandu", "UTC"),
  ranges: fc.array(fc.record({ weekday: fc.constantFrom(...WEEKDAYS), start: time, end: time }), { maxLength: 4 }),
  blackoutDates: fc.uniqueArray(date, { maxLength: 4 }).map((dates) => dates.sort()),
  blackoutCalendarIds: some(AWKWARD_BOOK.calendars),
});

/** Any content that could have been saved, with tombstones among its steps. */
export const workflowContent: fc.Arbitrary<WorkflowContent> = fc.record({
  name: line.map((value) => value.trim() || "x"),
  description: nullable(text(300).map((value) => value || "x")),
  ownerId: one(AWKWARD_BOOK.users),
  trigger: nullable(trigger),
  recipient: fc.constantFrom("EVENT_CONTACT" as const, "PRIMARY_CONTACT" as const),
  schedule: nullable(schedule),
  goals: fc.record({
    emailReply: fc.boolean(),
    smsReply: fc.boolean(),
    callAnswered: fc.boolean(),
    meetingBooked: fc.boolean(),
    markedAsResponded: fc.boolean(),
    leadStatusIds: some(AWKWARD_BOOK.leadStatuses),
    opportunityStatusIds: some(AWKWARD_BOOK.opportunityStatuses),
  }),
  reentry: fc.record({
    mode: fc.constantFrom("ONCE" as const, "AFTER_END" as const),
    minimumDaysSinceLastStart: fc.nat(365),
  }),
  exclusivity: nullable(
    fc.record({
      group: line.map((value) => value.trim() || "x"),
      onConflict: fc.constantFrom("SKIP" as const, "REPLACE" as const),
    }),
  ),
  places: fc
    .array(fc.tuple(step, fc.boolean()), { maxLength: 6 })
    .map((drawn) => drawn.map(([each, isRemoved]) => ({ stepId: each.id, step: isRemoved ? null : each }))),
});
