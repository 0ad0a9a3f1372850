import type { Condition, CrmReader, Definition, DefinitionsService } from "@cadenza/contracts";
import { createLogger } from "@cadenza/platform";
import { TestClock } from "@cadenza/testkit";
import { beforeEach, expect, test } from "vitest";
import { definition, EPOCH, idOf, task } from "../runs/definition-builder.ts";
import { changeOf, FakeCrm } from "../testing/fake-crm.ts";
import { FakeDefinitions } from "../testing/fake-definitions.ts";
import { compileTrigger } from "./compiled-trigger.ts";
import { possibleMatches } from "./match.ts";
import type { SourceEvent } from "./source-event.ts";
import { sourceEventOf } from "./source-events-of.ts";
import { TriggerIndex } from "./trigger-index.ts";
import { TriggerMatcher } from "./trigger-matcher.ts";
import { TriggeredWorkflows } from "./triggered-workflows.ts";

const organizationId = idOf("organization");
let crm: FakeCrm;
let definitions: FakeDefinitions;
let asked: number[];
let calls: string[];
beforeEach(() => {
  crm = new FakeCrm();
  definitions = new FakeDefinitions();
  asked = [];
  calls = [];
});

function matcher(): TriggerMatcher {
  const reader: Pick<CrmReader, "getSubjects"> = {
    getSubjects: (request) => {
      asked.push(request.subjects.length);
      return crm.getSubjects(request);
    },
  };
  const counted: DefinitionsService = {
    ...definitions,
    get: (request) => {
      calls.push(...request.revisions.map(({ revision }) => `get ${revision}`));
      return definitions.get(request);
    },
    listTriggered: (request) => {
      calls.push("list");
      return definitions.listTriggered(request);
    },
  };
  const workflows = new TriggeredWorkflows(counted);
  const log = createLogger({ service: "test", level: "silent" });
  return new TriggerMatcher({ workflows, crm: reader, clock: new TestClock(EPOCH), log });
}
const test_ = (path: string, op: "EQUALS" | "CONTAINS" | "CHANGED", value?: unknown): Condition => {
  return { test: { path, op, value } };
};
function workflow(name: string, conditions: Condition | null, overrides: Partial<Definition> = {}): Definition {
  const trigger = { event: "LEAD_UPDATED" as const, conditions, stalledDays: null };
  return definition([task("x")], { workflowId: idOf(name), trigger, ...overrides });
}
function updated(after: Record<string, unknown>): SourceEvent {
  const { leadId } = crm.addLead(organizationId, "Acme", 1, after);
  return sourceEventOf("crmChanged", changeOf("LEAD", "UPDATED", { id: leadId, leadId }, { after }))!;
}
const namesOf = (found: Awaited<ReturnType<TriggerMatcher["asked"]>>) =>
  found.map(({ match, wanted }) => [
    match.trigger.workflow.definition.workflowId,
    wanted.kind === "nobody" ? wanted.reason.code : wanted.kind,
  ]);

test("PERF-6: nothing is read of events that no workflow waits for, and contacts only where conditions ask for them", async () => {
  definitions.put(workflow("url", test_("event.data.url", "CHANGED")));
  const named = { all: [test_("event.data.name", "EQUALS", "Big"), test_("contact.name", "CONTAINS", "acme")] };
  definitions.put(workflow("contact", named));
  const triggers = matcher();
  expect(await triggers.asked(organizationId, [updated({ description: "x" }), updated({ name: "Small" })])).toEqual([]);
  expect(asked).toEqual([]);
  const found = await triggers.asked(organizationId, [updated({ url: "https://a.example" }), updated({ name: "x" })]);
  expect(namesOf(found)).toEqual([[idOf("url"), "candidate"]]);
  expect(asked).toEqual([1]);
  const both = await triggers.asked(organizationId, [updated({ url: "https://b.example" }), updated({ name: "Big" })]);
  expect(new Set(namesOf(both).map(String))).toEqual(
    new Set([`${idOf("url")},candidate`, `${idOf("contact")},candidate`]),
  );
  expect(asked).toEqual([1, 2, 1]);
});

test("TRG-2, WF-3: the newest revision of an active workflow counts, and each revision is read once", async () => {
  const triggers = matcher();
  const ask = async () => namesOf(await triggers.asked(organizationId, [updated({ url: "https://a.example" })]));
  const first = definitions.put(workflow("one", test_("event.data.url", "CHANGED")));
  expect(await ask()).toHaveLength(1);
  expect(await ask()).toHaveLength(1);
  expect(calls).toEqual(["list", "get 1", "list"]);
  definitions.put({
    ...first,
    revision: 2,
    trigger: { ...first.trigger!, conditions: test_("event.data.name", "CHANGED") },
  });
  expect(await ask()).toEqual([]);
  definitions.put({ ...first, revision: 3 });
  expect(await ask()).toHaveLength(1);
  definitions.put({ ...first, revision: 3 }, "ARCHIVED");
  expect(await ask()).toEqual([]);
  definitions.put({ ...first, revision: 3 });
  expect(await ask()).toHaveLength(1);
  expect(calls.filter((call) => call.startsWith("get"))).toEqual(["get 1", "get 2", "get 3"]);
});

test("REL-6: a workflow whose conditions cannot be judged is told, and keeps the event from no other", async () => {
  const broken = compileTrigger(workflow("broken", null))!;
  broken.judge = () => {
    throw new Error("A fault in the program.");
  };
  const sound = compileTrigger(workflow("sound", null))!;
  const possible = possibleMatches([updated({ name: "x" })], new TriggerIndex([broken, sound]), EPOCH);
  expect(namesOf(await matcher().askedBy(organizationId, possible))).toEqual([
    [idOf("broken"), "INTERNAL_ERROR"],
    [idOf("sound"), "candidate"],
  ]);
});
