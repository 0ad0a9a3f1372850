import { type CrmChange, NO_CAUSATION } from "@cadenza/contracts";
import { createLogger, newId } from "@cadenza/platform";
import { connectDatabase, type Database, organizationScope } from "@cadenza/storage";
import { TestClock, testDatabase } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MergedSubjects, subjectUpdates } from "./merged-subjects.ts";

const clock = new TestClock();
const scope = organizationScope(newId(clock.now()));
let database: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  const created = await testDatabase("merged");
  drop = created.drop;
  database = await connectDatabase({ ...created, log: createLogger({ service: "test", level: "fatal" }) });
});
afterAll(async () => {
  await database.close();
  await drop();
});

const ids = (count: number) => Array.from({ length: count }, () => newId(clock.now()));
function merged(object: "LEAD" | "CONTACT", id: string, into: string, leadId = into): CrmChange {
  const actor = { kind: "USER" as const, id: null, label: "Ada" };
  const change = { key: newId(clock.now()), object, verb: "DELETED" as const, id, leadId, contactId: null, version: 2 };
  return {
    ...change,
    before: {},
    after: {},
    mergedInto: { id: into, leadId },
    actor,
    causation: NO_CAUSATION,
    at: clock.now(),
  };
}
const hear = (...changes: CrmChange[]) =>
  database.transaction((session) => new MergedSubjects(database).movesOf(scope, changes, session));

test("RUN-9: of two merges one behind the other, the first heard of last leads to where both end", async () => {
  const [a, b, c, lead] = ids(4) as [string, string, string, string];
  expect((await hear(merged("CONTACT", b, c, lead)))?.contacts).toEqual([{ from: b, to: { id: c, leadId: lead } }]);
  expect((await hear(merged("CONTACT", a, b, newId(clock.now()))))?.contacts).toEqual([
    { from: a, to: { id: c, leadId: lead } },
  ]);
});

test("RUN-9: a contact's lead that was itself merged is followed, and both in one batch are too", async () => {
  const [a, b, one, two, three] = ids(5) as [string, string, string, string, string];
  await hear(merged("LEAD", one, two));
  expect(await hear(merged("CONTACT", a, b, one), merged("LEAD", two, three))).toEqual({
    contacts: [{ from: a, to: { id: b, leadId: three } }],
    leads: [{ from: two, to: three }],
  });
});

test("RUN-9: of two merges heard of at the same moment, none leaves a document behind", async () => {
  type Named = { _id: string; organizationId: string; leadId: string };
  const documents = database.tenant<Named>("documents");
  const chains = Array.from({ length: 10 }, () => ids(3) as [string, string, string]);
  const { organizationId } = scope;
  await documents.insertMany(
    scope,
    chains.map(([leadId]) => ({ _id: newId(clock.now()), organizationId, leadId })),
  );
  const move = (change: CrmChange) =>
    database.transaction(async (session) => {
      const moves = await new MergedSubjects(database).movesOf(scope, [change], session);
      const operations = subjectUpdates(moves!).map(({ filter, set }) => ({
        updateMany: { filter, update: { $set: set } },
      }));
      await documents.bulkWrite(scope, operations as never, session);
    });
  await Promise.all(chains.flatMap(([a, b, c]) => [move(merged("LEAD", a, b)), move(merged("LEAD", b, c))]));
  const where = (await documents.find(scope, {})).map(({ leadId }) => leadId);
  expect(where.sort()).toEqual(chains.map(([, , c]) => c).sort());
});
