import { parse, validate, buildSchema } from "graphql";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startWorld } from "../testing/test-world.ts";
import { readTour } from "./tour.ts";

test("OPS-1: in development the explorer comes whole from here, signed in; else there is nothing at /", async () => {
  await using world = await startWorld({ env: { DEVELOPMENT: "1", EXPLORER_TOKEN: "the demo admin's" } });
  const page = await (await fetch(world.url)).text();
  expect(page).toContain("the demo admin's");
  const files = [...page.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, path]) => path!);
  expect(files.every((path) => path.startsWith("/explorer/"))).toBe(true);
  for (const path of files) expect((await fetch(world.url + path)).status).toBe(200);
  await using production = await startWorld();
  expect((await fetch(production.url)).status).toBe(404);
});

const ROOT = new URL("../../../", import.meta.url);
const readText = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

test("API-1: every query of the tour fits the graph", () => {
  const schema = buildSchema(readText("schema/api.graphql"));
  const tabs = readTour();
  expect(tabs.length).toBe(10);
  for (const { query } of tabs) expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]);
});

test("OPS-1: the README's tour is the explorer's", () => {
  const blocks = [...readText("README.md").matchAll(/^```graphql\n([^]*?)\n```$/gm)].map(([, block]) => block);
  expect(blocks).toEqual(readTour().map(({ query }) => query.replaceAll(/^#.*\n/gm, "")));
});
