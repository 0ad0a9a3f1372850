import type { ConditionSubject } from "@cadenza/conditions";
import {
  type Condition,
  type ConditionOp,
  CONDITION_OPS,
  type ContactView,
  type LeadView,
  TRIGGER_EVENTS,
  type TriggerEvent,
} from "@cadenza/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { definition, EPOCH, idOf, task } from "../runs/definition-builder.ts";
import { changeOf } from "../testing/fake-crm.ts";
import { compileTrigger } from "./compiled-trigger.ts";
import { type Match, meets, possibleMatches } from "./match.ts";
import type { SourceEvent } from "./source-event.ts";
import { sourceEventOf } from "./source-events-of.ts";
import { TriggerIndex } from "./trigger-index.ts";

/** Few values, in several spellings, so that conditions and events often meet. */
const scalar = fc.constantFrom<unknown>(
  "a",
  "b",
  "12",
  "12.0",
  12,
  -0,
  0,
  1e21,
  "1000000000000000000000",
  true,
  "2026-01-05T09:00:00Z",
  "2026-01-05T10:00:00+01:00",
  "2026-01-05",
);
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.constantFrom<unknown>(null, "", [], { amount: "12.00", currency: "EUR" }),
  fc.array(scalar, { maxLength: 3 }),
  fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 2 }),
);
const FIELDS = ["name", "status", "custom.x", "custom.y"] as const;
const path = fc.constantFrom(
  ...FIELDS.flatMap((field) => [`event.data.${field}`, `lead.${field}`, `contact.${field}`]),
  "event.data.deep.x",
  "event.user",
);
const leaf = fc
  .tuple(path, fc.constantFrom<ConditionOp>(...CONDITION_OPS, "EQUALS", "IN", "CHANGED_TO"), value)
  .map(([at, op, expected]): Condition => ({ test: { path: at, op, value: expected } }));
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small" },
    { weight: 4, arbitrary: leaf },
    fc.array(tie("condition"), { minLength: 1, maxLength: 4 }).map((all) => ({ all })),
    fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie("condition").map((not) => ({ not })),
  ),
}));

const fields = fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 4 });
const source = fc
  .record({
    object: fc.constantFrom("LEAD" as const, "CONTACT" as const),
    verb: fc.constantFrom("CREATED" as const, "UPDATED" as const),
    after: fields,
    before: fields,
    deep: value,
    isUser: fc.boolean(),
  })
  .map(({ object, verb, after, before, deep, isUser }): SourceEvent => {
    const change = changeOf(object, verb, { id: idOf("x"), leadId: idOf("lead") }, { before });
    const told = sourceEventOf("crmChanged", { ...change, after: { ...after, deep: { x: deep } } });
    return { ...told!, user: isUser ? "a" : null };
  });
const object = fc.record({ name: scalar, status: scalar, x: value, y: value });
const stamps = { createdAt: EPOCH.toISOString(), updatedAt: EPOCH.toISOString() };
const present = fc.record({ lead: object, contact: object }).map(({ lead, contact }): Partial<ConditionSubject> => {
  const view = ({ name, status, x, y }: typeof lead) => ({ ...stamps, name, status: { id: status }, custom: { x, y } });
  return {
    lead: view(lead) as unknown as LeadView,
    contact: view(contact) as unknown as ContactView,
    opportunity: null,
  };
});
const triggers = fc
  .array(fc.tuple(fc.constantFrom<TriggerEvent>(...TRIGGER_EVENTS.slice(0, 5)), fc.option(condition, { freq: 20 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((list) =>
    list.map(([event, conditions], i) => {
      const trigger = { event, conditions, stalledDays: null };
      return compileTrigger(definition([task("x")], { workflowId: idOf(`workflow ${i}`), trigger }))!;
    }),
  );

test("TRG-2: the index names every workflow whose conditions hold, whatever they are", () => {
  let met = 0;
  fc.assert(
    fc.property(triggers, source, present, (all, event, now) => {
      const found = possibleMatches([event], new TriggerIndex(all), EPOCH);
      for (const trigger of all.filter((one) => event.events.includes(one.event))) {
        const match: Match = { source: event, event: trigger.event, trigger };
        if (meets(match, now, EPOCH) !== true) continue;
        met++;
        expect(found).toContainEqual(match);
      }
    }),
    { numRuns: 3000 },
  );
  // A test in which nothing is ever met would prove nothing.
  expect(met).toBeGreaterThan(1000);
});

test("PERF-6: of fifty workflows that wait for a value of their own, an event is compared with the one it is for", () => {
  const filed = Array.from({ length: 50 }, (_, i) => {
    const all: Condition[] = [
      { test: { path: "event.data.status", op: "CHANGED_TO", value: "hot" } },
      { test: { path: "event.data.custom.x", op: "EQUALS", value: `segment ${i}` } },
      { test: { path: "lead.custom.y", op: "GREATER_THAN", value: i } },
      { test: { path: "contact.name", op: "IS_NOT_EMPTY" } },
      { not: { test: { path: "lead.name", op: "CONTAINS", value: "test" } } },
    ];
    const trigger = { event: "LEAD_UPDATED" as const, conditions: { all }, stalledDays: null };
    return compileTrigger(definition([task("x")], { workflowId: idOf(`workflow ${i}`), trigger }))!;
  });
  const index = new TriggerIndex(filed);
  const event = { data: { status: "hot", "custom.x": "segment 7" }, previous: {}, user: null };
  expect([...index.candidates("LEAD_UPDATED", { event })]).toEqual([filed[7]]);
  expect([...index.candidates("LEAD_UPDATED", { event: { ...event, data: { status: "hot" } } })]).toEqual([]);
  expect([...index.candidates("LEAD_CREATED", { event })]).toEqual([]);
});
