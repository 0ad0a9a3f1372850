import { newId } from "@cadenza/platform";
import { organizationScope } from "@cadenza/storage";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../../test/world.ts";
import { type BlackoutCalendar, BlackoutCalendarStore } from "./store.ts";

const CREATE_CALENDAR = `mutation($name: String!, $dates: [Date!]!) { createBlackoutCalendar(name: $name, dates: $dates) {
  blackoutCalendar { id name dates } userErrors { code path } } }`;
const UPDATE_CALENDAR = `mutation($id: ID!, $name: String, $dates: [Date!]) { updateBlackoutCalendar(id: $id, name: $name, dates: $dates) {
  blackoutCalendar { id name dates } userErrors { code path } } }`;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test("SCH-2: a calendar's name is one calendar's, whatever its case, also for two at once; dates are sorted, each once", async () => {
  const create = (name: string) => world.change(CREATE_CALENDAR, { name, dates: [] });
  const both = await Promise.all([create("Bank Holidays"), create(" bank holidays ")]);
  expect(both.map(({ userErrors }) => userErrors[0]?.code ?? "made").sort()).toEqual(["NAME_TAKEN", "made"]);
  expect(both.flatMap(({ userErrors }) => userErrors)).toEqual([{ code: "NAME_TAKEN", path: ["name"] }]);
  const other = await create("Other");
  const taken = await world.change(UPDATE_CALENDAR, { id: other.blackoutCalendar.id, name: "BANK holidays" });
  expect(taken).toEqual({ blackoutCalendar: null, userErrors: [{ code: "NAME_TAKEN", path: ["name"] }] });
  const sameName = await world.change(UPDATE_CALENDAR, { id: other.blackoutCalendar.id, name: "OTHER" });
  expect(sameName).toMatchObject({ blackoutCalendar: { name: "OTHER", dates: [] }, userErrors: [] });
  const elsewhere = { organizationId: newId(world.clock.now()) };
  const free = await world.change(CREATE_CALENDAR, { name: "Bank Holidays", dates: [] }, elsewhere);
  expect(free.userErrors).toEqual([]);
  const day = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
  const many = await world.change(CREATE_CALENDAR, {
    name: "Many",
    dates: Array.from({ length: 1500 }, (_, index) => day(index % 1000)),
  });
  expect(many.blackoutCalendar.dates).toHaveLength(1000);
  const tooMany = { name: "More", dates: Array.from({ length: 1001 }, (_, index) => day(index)) };
  expect((await world.change(CREATE_CALENDAR, tooMany)).userErrors).toEqual([{ code: "TOO_MANY", path: ["dates"] }]);
});

test("SCH-2: calendars that an earlier version let have one name keep it, and only the older is found by it", async () => {
  const { database } = world.committer;
  const at = world.clock.now();
  const organizationId = newId(at);
  const scope = organizationScope(organizationId);
  const stamps = { organizationId, version: 1, createdAt: at, updatedAt: at, dates: [] };
  const calendars = database.tenant<BlackoutCalendar>("blackoutCalendars");
  const names = ["Easter", "EASTER", "Other"];
  const made = names.map((name, index) => ({ _id: `${newId(at).slice(0, -1)}${index}`, name, ...stamps }));
  await calendars.insertMany(scope, made);
  const store = new BlackoutCalendarStore(database);
  await store.addNameKeys();
  await store.addNameKeys();
  const found = await calendars.find(scope, {});
  expect(found.map(({ name }) => name).sort()).toEqual(names.toSorted());
  expect(found.flatMap(({ nameKey }) => nameKey ?? []).sort()).toEqual(["easter", "other"]);
  const taken = await world.change(CREATE_CALENDAR, { name: "easter", dates: [] }, { organizationId });
  expect(taken.userErrors).toEqual([{ code: "NAME_TAKEN", path: ["name"] }]);
});
