import { eventually } from "@cadenza/testkit";
import { describe, expect, test } from "vitest";
import { definition, email, officeHours } from "../runs/definition-builder.ts";
import { type EditedHouse, startEditedHouse } from "../testing/edited-house.ts";

const days = (amount: number) => ({ amount, unit: "DAY" }) as const;

describe("a changed schedule under runs that are held", () => {
  const opening = (schedule: Parameters<typeof officeHours>[0]) =>
    definition([email("a")], { schedule: officeHours(schedule) });
  // The epoch is a Monday, 10:00 in Berlin.
  const closed = opening({ ranges: [{ weekday: "TUESDAY", start: "09:00", end: "17:00" }] });
  const held = async () => {
    const house = await startEditedHouse(closed);
    await house.start(closed, "run");
    await house.reaches("run", ["a HELD OUTSIDE_WINDOW"]);
    return house;
  };
  const heldUntil = (house: EditedHouse, at: string) =>
    eventually(async () => {
      expect((await house.current()).heldUntil).toEqual(new Date(at));
      expect((await house.run()).wakeAt).toEqual(new Date(at));
    });

  test("SCH-8: a blacked out date moves the step to the next one; lifted, back again", async () => {
    await using house = await held();
    await heldUntil(house, "2026-01-06T08:00:00Z");
    const { schedule } = closed;
    await house.save({ ...closed, revision: 2, schedule: { ...schedule!, blackoutDates: ["2026-01-06"] } });
    await heldUntil(house, "2026-01-13T08:00:00Z");
    await house.save({ ...closed, revision: 3 });
    await heldUntil(house, "2026-01-06T08:00:00Z");
  });

  test("SCH-8: another zone moves the step", async () => {
    await using house = await held();
    const { schedule } = closed;
    await house.save({ ...closed, revision: 2, schedule: { ...schedule!, timeZone: "America/New_York" } });
    await heldUntil(house, "2026-01-06T14:00:00Z");
  });

  test("SCH-8: without a schedule the step is processed now", async () => {
    await using house = await held();
    await house.save({ ...closed, revision: 2, schedule: null });
    await house.reaches("run", ["a PROCESSING"]);
    await eventually(() =>
      expect([...house.told.values()]).toMatchObject([{ kind: "prepareEmail", item: { schedule: null } }]),
    );
  });

  test("SCH-8: changed to what admits nothing, the step says so", async () => {
    await using house = await held();
    const never = Array.from({ length: 60 }, (_, week) => new Date(Date.UTC(2026, 0, 6 + week * 7)));
    const blackoutDates = never.map((date) => date.toISOString().slice(0, 10));
    await house.save({ ...closed, revision: 2, schedule: { ...closed.schedule!, blackoutDates } });
    await house.reaches("run", ["a HELD NO_WINDOW"]);
  });

  test("SCH-5: a delay in days follows the zone", async () => {
    const inDays = definition([email("a", { delay: days(80) })], { schedule: officeHours() });
    await using house = await startEditedHouse(inDays);
    await house.start(inDays, "run");
    expect((await house.current()).dueAt).toEqual(new Date("2026-03-26T09:00:00Z"));
    await house.save({ ...inDays, revision: 2, schedule: { ...inDays.schedule!, timeZone: "America/New_York" } });
    // There the clocks have gone forward by then.
    await eventually(async () => expect((await house.current()).dueAt).toEqual(new Date("2026-03-26T08:00:00Z")));
  });
});
