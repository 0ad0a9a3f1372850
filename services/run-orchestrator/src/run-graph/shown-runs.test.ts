import type { Definition } from "@cadenza/contracts";
import { describe, expect, test } from "vitest";
import type { CurrentDefinition } from "../engine/definitions.ts";
import { definition, EPOCH, idOf, newRun, officeHours, updateLead } from "../runs/definition-builder.ts";
import { currentExecution, type Run } from "../runs/model.ts";
import { RunWalk } from "../runs/run-walk.ts";
import { ShownRuns, type ShownRunsOptions } from "./shown-runs.ts";

const days = (amount: number) => ({ amount, unit: "DAY" }) as const;
const schedule = officeHours({ zoneMode: "RECIPIENT" });
const before = definition([updateLead("a", { delay: days(100) })], { schedule });
const after = definition([updateLead("a", { delay: days(80) })], { schedule, revision: 2 });
const inBerlin = { ...after, schedule: null };
/** Counted in Berlin, where a contact tells nothing; the clocks go forward in between. */
const IN_BERLIN = new Date("2026-03-26T09:00:00Z");
const IN_NEW_YORK = new Date("2026-03-26T08:00:00Z");
const stored = (name: string): Run => {
  const walk = new RunWalk(before);
  walk.facts = { ...walk.facts, contact: null };
  walk.after(0);
  return { ...walk.run, _id: newRun(name)._id };
};
const away = async (): Promise<never> => {
  throw new Error("away");
};

function shownBy(...definitions: Definition[]) {
  const newest = new Map(
    definitions.map((definition): [string, CurrentDefinition] => [
      definition.workflowId,
      { definition, status: "ACTIVE" },
    ]),
  );
  const asked = { definitions: 0, contacts: 0 };
  const options: ShownRunsOptions = {
    changing: { has: (id) => newest.has(id), changedAt: () => EPOCH },
    definitions: {
      current: async () => {
        asked.definitions++;
        return newest;
      },
    },
    contacts: {
      zonesOf: async (runs) => {
        asked.contacts++;
        return new Map(runs.map(({ _id }) => [_id, { timeZone: "America/New_York", phones: [] }]));
      },
    },
    clock: { now: () => EPOCH },
    log: { debug: () => undefined },
  };
  return { shown: new ShownRuns(options), options, asked };
}
const dueAt = (runs: readonly Run[]) => runs.map((run) => currentExecution(run)?.dueAt);

describe("runs of a workflow whose edit is on its way", () => {
  const page = [stored("one"), stored("two")];

  test("EDIT-3: one look at the workflows serves a page", async () => {
    const { shown, asked } = shownBy(inBerlin);
    expect(dueAt(await shown.all(page))).toEqual([IN_BERLIN, IN_BERLIN]);
    expect(asked).toEqual({ definitions: 1, contacts: 0 });
    expect([shown.isBehind(page[0]!), shown.isBehind({ workflowId: idOf("another") })]).toEqual([true, false]);
  });

  test("SCH-1: where the time hangs on where the contacts are, they are looked up, all at once", async () => {
    const { shown, asked } = shownBy(after);
    expect(dueAt(await shown.all(page))).toEqual([IN_NEW_YORK, IN_NEW_YORK]);
    expect(asked).toEqual({ definitions: 1, contacts: 1 });
  });

  test.each<{ title: string; overrides: Partial<ShownRunsOptions> }>([
    { title: "workflow-definition", overrides: { definitions: { current: away } } },
    { title: "crm", overrides: { contacts: { zonesOf: away } } },
  ])("REL-4: with $title away they are shown as they are stored", async ({ overrides }) => {
    const runs = await new ShownRuns({ ...shownBy(after).options, ...overrides }).all(page);
    expect([runs[0], runs[1]]).toEqual(page);
  });

  test("REL-6: one whose rules fail is shown as it is stored, the others as the edit has them", async () => {
    const nowhere = { ...inBerlin, workflowId: idOf("nowhere"), organizationTimeZone: "Mars/Olympus" };
    const broken = { ...page[0]!, workflowId: nowhere.workflowId };
    const [first, second] = await shownBy(inBerlin, nowhere).shown.all([broken, page[1]!]);
    expect(first).toBe(broken);
    expect(dueAt([second!])).toEqual([IN_BERLIN]);
  });
});
