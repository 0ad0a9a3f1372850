import type { Condition, ConditionOp, ContactView, LeadView, OpportunityView } from "@cadenza/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ConditionSubject } from "./condition-subject.ts";
import { evaluate, judge } from "./evaluate.ts";
import { ToldObject } from "./told-object.ts";

const now = new Date("2026-03-10T12:00:00.000Z");
const stamps = { version: 1, createdAt: "2026-03-01T00:00:00.000Z", updatedAt: "2026-03-09T12:00:00.000Z" };
const lead: LeadView = {
  ...stamps,
  id: "L",
  name: "Big Shop",
  description: null,
  url: "https://big.example",
  status: { id: "hot", name: "Hot" },
  contactIds: ["C"],
  custom: {
    size: 12,
    price: "12.50",
    tags: ["a", "b"],
    none: [],
    on: "2026-03-08",
    at: "2026-03-08T12:00:00.000Z",
    agreed: "",
  },
};
const contact: ContactView = {
  ...stamps,
  id: "C",
  leadId: "L",
  name: "Ada Lovelace",
  title: "CTO",
  timeZone: null,
  emails: ["ada@big.example", "a@b.example"],
  phones: [{ number: "+4930123456", country: "DE" }],
  custom: {},
};
const opportunity: OpportunityView = {
  ...stamps,
  id: "O",
  leadId: "L",
  contactId: "C",
  userId: "U",
  status: { id: "open", name: "Open", kind: "OPEN" },
  value: { amount: "1999.99", currency: "EUR" },
  period: "MONTHLY",
  confidence: 50,
  expectedCloseDate: "2026-04-01",
  note: null,
  custom: {},
};
const event = {
  object: "LEAD" as const,
  data: {
    status: "hot",
    name: "Big Shop",
    "custom.size": 12,
    value: { amount: "5.00", currency: "EUR" },
    deep: { list: [1, 2] },
  },
  previous: { status: "cold", name: "Big Shop", "custom.size": null, value: null },
  user: "U",
};
const subject: ConditionSubject = { lead, contact, opportunity, event };
const test_ = (path: string, op: ConditionOp, value?: unknown): Condition => ({ test: { path, op, value } });

const TABLE: [string, ConditionOp, unknown, boolean][] = [
  ["lead.name", "EQUALS", "Big Shop", true],
  ["lead.name", "EQUALS", "big shop", false],
  ["lead.name", "NOT_EQUALS", "big shop", true],
  ["lead.name", "CONTAINS", "SHOP", true],
  ["lead.name", "NOT_CONTAINS", "shop", false],
  ["lead.name", "IN", ["x", "Big Shop"], true],
  ["lead.name", "NOT_IN", ["x", "Big Shop"], false],
  ["lead.description", "IS_EMPTY", undefined, true],
  ["lead.description", "EQUALS", "x", false],
  ["lead.description", "NOT_EQUALS", "x", true],
  ["lead.description", "CONTAINS", "x", false],
  ["lead.description", "NOT_CONTAINS", "x", true],
  ["lead.description", "IN", ["x"], false],
  ["lead.description", "NOT_IN", ["x"], true],
  ["lead.name", "IS_NOT_EMPTY", undefined, true],
  ["lead.status", "EQUALS", "hot", true],
  ["lead.status", "EQUALS", "Hot", false],
  ["lead.status", "IN", ["cold", "hot"], true],
  ["lead.custom.size", "EQUALS", 12, true],
  ["lead.custom.size", "EQUALS", "12.0", true],
  ["lead.custom.size", "GREATER_THAN", 11, true],
  ["lead.custom.size", "GREATER_THAN", 12, false],
  ["lead.custom.size", "LESS_THAN", "12.01", true],
  ["lead.custom.price", "GREATER_THAN", 12.4, true],
  ["lead.custom.unknown", "GREATER_THAN", 0, false],
  ["lead.custom.unknown", "LESS_THAN", 0, false],
  ["lead.custom.unknown", "IS_EMPTY", undefined, true],
  ["lead.custom.agreed", "IS_EMPTY", undefined, true],
  ["lead.custom.tags", "CONTAINS", "a", true],
  ["lead.custom.tags", "CONTAINS", "A", false],
  ["lead.custom.tags", "NOT_CONTAINS", "c", true],
  ["lead.custom.tags", "EQUALS", ["b", "a"], true],
  ["lead.custom.tags", "EQUALS", ["a"], false],
  ["lead.custom.tags", "IN", ["c", "b"], true],
  ["lead.custom.tags", "NOT_IN", ["c"], true],
  ["lead.custom.none", "IS_EMPTY", undefined, true],
  ["lead.custom.on", "BEFORE", "2026-03-09", true],
  ["lead.custom.on", "BEFORE", "2026-03-08", false],
  ["lead.custom.on", "AFTER", "2026-03-08", false],
  ["lead.custom.on", "AFTER", { days: -3 }, true],
  ["lead.custom.on", "AFTER", { days: -2 }, false],
  ["lead.custom.on", "WITHIN_LAST_DAYS", 2, true],
  ["lead.custom.on", "WITHIN_LAST_DAYS", 1, false],
  ["lead.custom.at", "BEFORE", { days: -1 }, true],
  ["lead.custom.at", "BEFORE", { days: -2 }, false],
  ["lead.custom.at", "AFTER", "2026-03-08T11:59:59Z", true],
  ["lead.custom.at", "AFTER", "2026-03-08", false],
  ["lead.custom.at", "AFTER", "2026-03-07", true],
  ["lead.custom.at", "EQUALS", "2026-03-08T13:00:00+01:00", true],
  ["lead.custom.at", "WITHIN_LAST_DAYS", 2, true],
  ["lead.createdAt", "BEFORE", "2026-03-02", true],
  ["lead.custom.unknown", "BEFORE", "2026-03-02", false],
  ["lead.custom.unknown", "AFTER", "2026-03-02", false],
  ["contact.emails", "CONTAINS", "a@b.example", true],
  // CRM-2: addresses match whatever their case.
  ["contact.emails", "CONTAINS", "A@B.Example", true],
  ["contact.emails", "NOT_CONTAINS", "A@B.Example", false],
  ["contact.emails", "IN", ["ADA@big.example"], true],
  ["contact.emails", "EQUALS", ["a@B.example", "Ada@big.example"], true],
  ["contact.emails", "EQUALS", ["a@B.example"], false],
  ["contact.phones", "CONTAINS", "+4930123456", true],
  ["contact.timeZone", "IS_EMPTY", undefined, true],
  ["opportunity.value", "GREATER_THAN", "1999.98", true],
  ["opportunity.value", "EQUALS", 1999.99, true],
  ["opportunity.user", "EQUALS", "U", true],
  ["opportunity.contact", "EQUALS", "C", true],
  ["opportunity.expectedCloseDate", "AFTER", { days: 7 }, true],
  ["event.user", "EQUALS", "U", true],
  ["event.data.status", "EQUALS", "hot", true],
  ["event.data.custom.size", "EQUALS", 12, true],
  ["event.data.deep.list", "CONTAINS", 2, true],
  ["event.data.deep.none", "IS_EMPTY", undefined, true],
  ["event.data.value", "GREATER_THAN", 4, true],
  ["event.data.status", "CHANGED", undefined, true],
  ["event.data.status", "CHANGED_TO", "hot", true],
  ["event.data.status", "CHANGED_TO", "cold", false],
  ["event.data.status", "CHANGED_FROM", "cold", true],
  ["event.data.name", "CHANGED", undefined, false],
  ["event.data.name", "CHANGED_TO", "Big Shop", false],
  ["event.data.custom.size", "CHANGED_TO", 12, true],
  ["event.data.note", "CHANGED", undefined, false],
  ["lead.status", "CHANGED_TO", "hot", true],
  ["contact.name", "CHANGED", undefined, false],
];

test.each(TABLE)("TRG-2: %s %s %j is %s", (path, op, value, expected) => {
  expect(evaluate(test_(path, op, value), subject, now)).toBe(expected);
});

test("TRG-2: what does not exist is empty", () => {
  const nothing: ConditionSubject = { lead: null, contact: null, opportunity: null, event: null };
  for (const path of ["lead.name", "contact.custom.x", "opportunity.status", "event.data.status", "event.user"]) {
    expect(evaluate(test_(path, "IS_EMPTY"), nothing, now)).toBe(true);
    expect(evaluate(test_(path, "EQUALS", "x"), nothing, now)).toBe(false);
    expect(evaluate(test_(path, "CHANGED"), nothing, now)).toBe(false);
  }
});

const CHANGES: [unknown, unknown, boolean][] = [
  [{ amount: "5.00", currency: "EUR" }, { amount: "5", currency: "EUR" }, false],
  [{ amount: "5.00", currency: "EUR" }, { amount: "5.00", currency: "USD" }, true],
  [["a", "b"], ["a", "b"], false],
  [["a", "b"], ["b", "a"], true],
  [null, "", false],
  [null, [], false],
  [12, "12.0", false],
  [false, null, true],
];
test.each(CHANGES)("TRG-2: from %j to %j is a change: %s", (before, after, expected) => {
  const told = { ...event, data: { value: after }, previous: { value: before } };
  expect(evaluate(test_("event.data.value", "CHANGED"), { ...subject, event: told }, now)).toBe(expected);
});

test("TRG-2: what an event tells of an object comes before what the object is at present", () => {
  const status = (told: ToldObject, value: string) => judge(test_("lead.status", "EQUALS", value), { lead: told }, now);
  expect(status(new ToldObject({ status: "cold" }, false, lead), "cold")).toBe(true);
  expect(status(new ToldObject({}, false, lead), "hot")).toBe(true);
  expect(status(new ToldObject({}, false, null), "hot")).toBe(false);
  expect(status(new ToldObject({}, false), "hot")).toBeUndefined();
  // Nothing of a new object is left untold but its id and times.
  expect(status(new ToldObject({}, true, lead), "hot")).toBe(false);
  expect(judge(test_("lead.id", "EQUALS", "L"), { lead: new ToldObject({}, true, lead) }, now)).toBe(true);
});

test("TRG-2: a moment beyond all time is no moment", () => {
  for (const op of ["BEFORE", "AFTER"] as const)
    expect(evaluate(test_("lead.custom.on", op, { days: 1e21 }), subject, now)).toBe(false);
});

test("TRG-2: a condition deeper than any that passes the check holds for nothing, and fills no stack", () => {
  let deep = test_("lead.name", "EQUALS", "Big Shop");
  for (let i = 0; i < 10_000; i++) deep = { all: [deep] };
  expect(evaluate(deep, subject, now)).toBe(false);
});

test("REL-9: names that JavaScript keeps for itself are empty fields", () => {
  for (const path of [
    "lead.custom.__proto__",
    "lead.custom.constructor",
    "event.data.constructor",
    "event.data.__proto__.x",
    "lead.toString",
  ])
    expect(evaluate(test_(path, "IS_EMPTY"), subject, now)).toBe(true);
});

const leaf = fc.constantFrom(...TABLE).map(([path, op, value]) => test_(path, op, value));
const condition = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("tree"), { minLength: 1, maxLength: 4 }).map((all) => ({ all })),
    fc.array(tie("tree"), { minLength: 1, maxLength: 4 }).map((any) => ({ any })),
    tie("tree").map((not) => ({ not })),
  ),
})).tree;
const holds = (one: Condition): boolean => evaluate(one, subject, now);

test("TRG-2: not undoes itself, and one alone is all and any of itself", () => {
  fc.assert(
    fc.property(condition, (one) => {
      expect(holds({ not: { not: one } })).toBe(holds(one));
      expect(holds({ not: one })).toBe(!holds(one));
      expect(holds({ all: [one] })).toBe(holds(one));
      expect(holds({ any: [one] })).toBe(holds(one));
    }),
  );
});

test("TRG-2: De Morgan holds", () => {
  fc.assert(
    fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), (parts) => {
      const negated = parts.map((not) => ({ not }));
      expect(holds({ not: { all: parts } })).toBe(holds({ any: negated }));
      expect(holds({ not: { any: parts } })).toBe(holds({ all: negated }));
    }),
  );
});

test("TRG-2: what is judged with part of the subject known stays so when the rest is known", () => {
  fc.assert(
    fc.property(condition, fc.subarray(["lead", "contact", "opportunity", "event"] as const), (one, known) => {
      const part = Object.fromEntries(known.map((side) => [side, subject[side]]));
      const early = judge(one, part, now);
      if (early !== undefined) expect(early).toBe(holds(one));
    }),
  );
});
