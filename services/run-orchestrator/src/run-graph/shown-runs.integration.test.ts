import { newId, realClock } from "@cadenza/platform";
import { shardOf } from "@cadenza/storage";
import { eventually } from "@cadenza/testkit";
import { expect, test } from "vitest";
import type { Retime } from "../engine/retimes.ts";
import { definition, task } from "../runs/definition-builder.ts";
import { enrolling } from "../testing/enrolling.ts";
import { startHouse } from "../testing/house.ts";

const hours = (amount: number) => ({ amount, unit: "HOUR" }) as const;
const NOBODYS = -1;
const FIELDS = `id status version nextAction { at } executions { id name status pendingSince dueAt }`;
type RunSeen = {
  id: string;
  version: number;
  nextAction: { at: string };
  executions: { id: string; name: string; status: string; pendingSince: string; dueAt: string }[];
};
type Runs = { nodes: RunSeen[] };

test("EDIT-3, PERF-5: wherever a run is read, it has its new times before the edit has come to it", async () => {
  await using house = await startHouse();
  const { organizationId, definitions } = house;
  const { workflow, started, runOf } = enrolling(house);
  const walks = house.database.system<Retime>("retimes", "The test keeps a walk from being walked.");
  const { leadId, contactIds } = house.crm.addLead(organizationId, "Lead", 2);
  const before = workflow({}, "ACTIVE", [task("a", { delay: hours(100) })]);
  const { workflowId } = before;
  const runIds = [await started(workflowId, contactIds[0]!), await started(workflowId, contactIds[1]!)];
  const [id] = runIds;
  await house.data(`mutation { pauseRun(id: "${runIds[1]}") { run { id } } }`);
  const stored = await Promise.all(runIds.map(runOf));
  const second = await house.replica();

  const newest = {
    ...definition([task("new", { delay: hours(1) }), before.places[0]!.step!]),
    organizationId,
    workflowId,
  };
  definitions.put({ ...newest, revision: 2 });
  const at = realClock.now();
  const walk = { _id: workflowId, organizationId, change: newId(at), at, afterContactId: "" };
  await walks.insertOne({ ...walk, shard: NOBODYS });

  const dueAt = new Date(at.getTime() + 3_600_000).toISOString();
  const read = async (url = house.first.url): Promise<RunSeen[]> => {
    const answer = await house.data<{ run: RunSeen; one: RunSeen[]; runs: Runs; of: { runs: Runs }[] }>(
      `query($id: ID!, $others: [_Any!]!, $filter: RunFilter) {
        run(id: $id) { ${FIELDS} }
        one: _entities(representations: [{ __typename: "Run", id: $id }]) { ... on Run { ${FIELDS} } }
        runs(filter: $filter) { nodes { ${FIELDS} } }
        of: _entities(representations: $others) {
          ... on Workflow { runs { nodes { ${FIELDS} } } }
          ... on Lead { runs { nodes { ${FIELDS} } } }
          ... on Contact { runs { nodes { ${FIELDS} } } }
        }
      }`,
      {
        id,
        filter: { workflowIds: [workflowId] },
        others: [
          { __typename: "Workflow", id: workflowId },
          { __typename: "Lead", id: leadId },
          { __typename: "Contact", id: contactIds[0] },
        ],
      },
      {},
      url,
    );
    return [answer.run, ...answer.one, ...answer.runs.nodes, ...answer.of.flatMap(({ runs }) => runs.nodes)];
  };
  const isNew = (runs: readonly RunSeen[]): void => {
    expect(runs).toHaveLength(9);
    for (const { id, executions, nextAction, version } of runs) {
      expect([executions, nextAction]).toMatchObject([[{ name: "new", status: "PENDING", dueAt }], { at: dueAt }]);
      expect(version).toBe(stored.find(({ _id }) => _id === id)?.version);
    }
  };
  for (const url of [house.first.url, second.url]) await eventually(async () => isNew(await read(url)));
  const again = `mutation { pauseRun(id: "${runIds[1]}") { run { ${FIELDS} } } }`;
  const { pauseRun } = await house.data<{ pauseRun: { run: RunSeen } }>(again);
  expect(pauseRun.run.nextAction.at).toBe(dueAt);
  const shown = await read();
  expect(await Promise.all(runIds.map(runOf))).toEqual(stored);

  await walks.updateOne({ _id: workflowId }, { $set: { shard: shardOf(workflowId) } });
  await eventually(async () => expect(await walks.countDocuments({})).toBe(0));
  expect((await runOf(id!)).executions).toMatchObject([{ name: "new", pendingSince: at }]);
  expect((await runOf(id!)).version).toBe(stored[0]!.version + 1);
  // What was shown has become so, to the very id.
  expect((await read()).map(({ executions }) => executions)).toEqual(shown.map(({ executions }) => executions));
});
