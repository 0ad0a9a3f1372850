import { expect, test } from "vitest";
import { definition, idOf, task } from "../runs/definition-builder.ts";
import { FakeDefinitions } from "../testing/fake-definitions.ts";
import { Definitions } from "./definitions.ts";

const organizationId = idOf("organization");

test("EDIT-2: a workflow is known to whoever asks for it, however many others there are", async () => {
  const service = new FakeDefinitions();
  const ids = Array.from({ length: 6 }, (_, i) => idOf(`workflow ${i}`));
  for (const workflowId of ids) service.put({ ...definition([task("a")]), workflowId });
  const definitions = new Definitions(service, { maxKept: 2 });
  const keys = ids.map((workflowId) => ({ organizationId, workflowId }));
  await definitions.current(keys.slice(0, 2));
  const [first, second] = await Promise.all([
    definitions.current([keys[0]!, keys[2]!]),
    definitions.current(keys.slice(2)),
  ]);
  expect([...first.keys()]).toEqual([ids[0], ids[2]]);
  expect([...second.keys()]).toEqual(ids.slice(2));
});
