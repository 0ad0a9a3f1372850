import type { ContactView, CrmChange, LeadView, OpportunityView } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { expect, test } from "vitest";
import { definition, EPOCH, idOf, task } from "../runs/definition-builder.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { compileTrigger } from "./compiled-trigger.ts";
import type { EventSubject } from "./event-subjects.ts";
import type { Match } from "./match.ts";
import { sourceEventOf } from "./source-events-of.ts";
import { depthOf, startOf } from "./start-of.ts";

const ids = { id: idOf("lead"), leadId: idOf("lead") };
const subject: EventSubject = {
  lead: { id: idOf("lead") } as LeadView,
  opportunity: null,
  contact: undefined,
  contactId: idOf("primary"),
  primaryContactId: idOf("primary"),
};
const updated = (rest: Partial<CrmChange> = {}) =>
  changeOf("LEAD", "UPDATED", ids, { after: { name: "x" }, before: { name: "y" }, ...rest });
const match = (change: CrmChange, recipient: "EVENT_CONTACT" | "PRIMARY_CONTACT" = "EVENT_CONTACT"): Match => {
  const source = sourceEventOf("crmChanged", change)!;
  const event = source.events[0]!;
  const trigger = compileTrigger(
    definition([task("x")], { recipient, trigger: { event, conditions: null, stalledDays: null } }),
  )!;
  return { source, event, trigger };
};
const causedBy = (workflowId: string | null, depth: number) => ({ eventId: null, runId: null, workflowId, depth });

test("TRG-3: the same event and workflow make the same run, whoever is the lead's primary contact by then", () => {
  const change = updated();
  const { id } = startOf(match(change), subject);
  expect(startOf(match({ ...change }), subject).id).toBe(id);
  expect(startOf(match(change), { ...subject, contactId: idOf("other"), primaryContactId: idOf("other") }).id).toBe(id);
  expect(startOf(match({ ...change, key: newId(EPOCH) }), subject).id).not.toBe(id);
});

test("TRG-4: a person's change is depth 0, and every workflow behind it adds one", () => {
  expect(depthOf({ causation: causedBy(null, 0) })).toBe(0);
  expect(depthOf({ causation: causedBy(idOf("another"), 0) })).toBe(1);
  expect(depthOf({ causation: causedBy(idOf("another"), 6) })).toBe(7);
});

test.each([
  [idOf("workflow"), 0, "SELF_TRIGGERED"],
  [idOf("another"), 6, null],
  [idOf("another"), 7, "CHAIN_TOO_DEEP"],
  [null, 0, null],
] as const)("TRG-4: a change by %s at depth %i is refused with %s", (workflowId, depth, code) => {
  const start = startOf(match(updated({ causation: causedBy(workflowId, depth) })), subject);
  expect(start.kind === "candidate" ? (start.refusal?.code ?? null) : start.kind).toBe(code);
});

const contact = { id: idOf("contact"), leadId: idOf("lead"), contactId: idOf("contact") };
const of = (object: CrmChange["object"]) => changeOf(object, "CREATED", contact);
const own: EventSubject = { ...subject, contact: { id: idOf("contact") } as ContactView, contactId: idOf("contact") };
const gone: EventSubject = { ...subject, contact: null, contactId: null };
const nobody: EventSubject = { ...gone, primaryContactId: null };
const deal = { opportunity: { leadId: idOf("lead") } as OpportunityView };
const recipients: [string, CrmChange, "EVENT_CONTACT" | "PRIMARY_CONTACT", EventSubject, string][] = [
  ["a contact's event", of("CONTACT"), "EVENT_CONTACT", own, idOf("contact")],
  ["a contact's event for the primary one", of("CONTACT"), "PRIMARY_CONTACT", own, idOf("primary")],
  ["a lead's event", updated(), "EVENT_CONTACT", subject, idOf("primary")],
  ["an opportunity's event", of("OPPORTUNITY"), "EVENT_CONTACT", { ...own, ...deal }, idOf("contact")],
  [
    "an opportunity whose contact is gone",
    of("OPPORTUNITY"),
    "EVENT_CONTACT",
    { ...subject, ...deal },
    idOf("primary"),
  ],
  ["an opportunity that is gone", of("OPPORTUNITY"), "EVENT_CONTACT", own, "NOT_FOUND"],
  ["a contact that is gone", of("CONTACT"), "EVENT_CONTACT", gone, "NOT_FOUND"],
  ["a contact that is gone, for the primary one", of("CONTACT"), "PRIMARY_CONTACT", gone, "NOT_FOUND"],
  ["a lead that is gone", updated(), "EVENT_CONTACT", { ...nobody, lead: null }, "NOT_FOUND"],
  ["a lead without contacts", updated(), "EVENT_CONTACT", nobody, "NO_RECIPIENT"],
];
test.each(recipients)("ENR-4, TRG-5: %s", (_, change, recipient, who, expected) => {
  const start = startOf(match(change, recipient), who);
  expect(start.kind === "candidate" ? start.candidate.contactId : start.reason.code).toBe(expected);
});
