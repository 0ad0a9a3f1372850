import { afterAll, beforeAll, expect, it } from "vitest";
import { createSends } from "../src/sends/sends-service.ts";
import { TemplateStore } from "../src/templates/store.ts";
import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world[Symbol.asyncDispose]());

it("WF-8: templates are found by id and by name, whatever its case, all of one name, in their organization only", async () => {
  const sends = createSends({
    database: world.database,
    templates: new TemplateStore(world.database),
    planner: world.service.planner,
    unknownAfterMs: 60_000,
  });
  const first = await world.template({ name: "Intro Ünï: #1" });
  const second = await world.template({ name: "intro ünï: #1", shared: false });
  const byId = await world.template({ name: "By id" });
  await world.template({ name: "Intro" });
  const ask = { ids: [byId.id], names: [{ channel: "EMAIL" as const, name: "INTRO ÜNÏ: #1" }] };
  const { templates } = await sends.findTemplates({ organizationId: world.organizationId, ...ask });
  expect(templates.map(({ id }) => id).sort()).toEqual([first.id, second.id, byId.id].sort());
  expect(templates.find(({ id }) => id === second.id)).toMatchObject({
    channel: "EMAIL",
    name: "intro ünï: #1",
    shared: false,
  });
  const sms = [{ channel: "SMS" as const, name: "Intro" }];
  expect(await sends.findTemplates({ organizationId: world.organizationId, ids: [], names: sms })).toEqual({
    templates: [],
  });
  const elsewhere = await sends.findTemplates({ organizationId: "01ARZ3NDEKTSV4RRFFQ69G5FAV", ...ask });
  expect(elsewhere).toEqual({ templates: [] });
});
