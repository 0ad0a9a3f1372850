import { expect, test } from "vitest";
import { definition, idOf, task } from "../runs/definition-builder.ts";
import { FakeDefinitions } from "../testing/fake-definitions.ts";
import { TriggeredWorkflows } from "./triggered-workflows.ts";

const organizationId = idOf("organization");

test("TRG-1: no workflow is overlooked where there are more than are kept", async () => {
  const service = new FakeDefinitions();
  const put = (name: string) => {
    const trigger = { event: "LEAD_CREATED" as const, conditions: null, stalledDays: null };
    service.put({ ...definition([task("a")]), trigger, workflowId: idOf(name) });
  };
  const workflows = new TriggeredWorkflows(service, { maxRevisions: 2 });
  const found = async () => {
    const index = await workflows.of(organizationId);
    return [...index.candidates("LEAD_CREATED", {})].map(({ workflow }) => workflow.definition.workflowId).sort();
  };
  put("one");
  put("two");
  expect(await found()).toHaveLength(2);
  put("three");
  expect(await found()).toEqual([idOf("one"), idOf("two"), idOf("three")].sort());
});
