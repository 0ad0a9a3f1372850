import { ServiceUnavailableError } from "@cadenza/platform";
import { TestClock } from "@cadenza/testkit";
import { describe, expect, test } from "vitest";
import { MemoryDatabase, MemoryRuns, sessionOf } from "../../simulation/memory-database.ts";
import { decide } from "../runs/decide.ts";
import { definition, EPOCH, idOf, newRun, updateLead } from "../runs/definition-builder.ts";
import type { Run } from "../runs/model.ts";
import type { DefinitionSource } from "./definitions.ts";
import { FaultLedger } from "./fault-ledger.ts";
import { BatchMover, type Commits } from "./move-batch.ts";
import { RunMover } from "./run-mover.ts";

const hour = { amount: 1, unit: "HOUR" } as const;
const healthy = definition([updateLead("a", { delay: hour })]);
/** Its days cannot be counted: every decision on its runs throws. */
const broken = definition([updateLead("a", { delay: { amount: 1, unit: "DAY" } })], {
  workflowId: idOf("broken"),
  organizationTimeZone: "Nowhere/Atall",
});

function house(
  current: DefinitionSource["current"] = async (keys) =>
    new Map(
      keys.map(({ workflowId }) => [
        workflowId,
        { definition: workflowId === broken.workflowId ? broken : healthy, status: "ACTIVE" },
      ]),
    ),
) {
  const clock = new TestClock(new Date(EPOCH.getTime() + 3_600_000));
  const database = new MemoryDatabase(() => undefined);
  const commits: Commits = {
    commit: async (work) => {
      const transaction = database.begin();
      const result = await work({
        session: sessionOf(transaction),
        tell: () => undefined,
        notify: () => undefined,
        wake: () => undefined,
        afterCommit: () => undefined,
      });
      transaction.commit();
      return result;
    },
  };
  const runs = ["one", "two", "three"].map((name) => {
    const decision = decide(newRun(name), healthy, { workflowStatus: "ACTIVE" }, { kind: "start" }, EPOCH);
    if (decision.kind !== "moved") throw new Error("A run did not start.");
    return decision.run;
  });
  const [first, second, third] = runs as [Run, Run, Run];
  database.runs = new Map([first, { ...second, workflowId: broken.workflowId }, third].map((run) => [run._id, run]));
  const definitions: DefinitionSource = { current, revision: async () => null };
  const mover = new RunMover({ runs: new MemoryRuns(database), definitions, clock });
  const log = { warn: () => undefined, error: () => undefined };
  const batches = new BatchMover({
    commits,
    mover,
    definitions,
    clock,
    log,
    contacts: { zonesOf: async () => new Map() },
    faults: new FaultLedger(),
  });
  const moves = runs.map(({ _id, organizationId }) => ({
    runId: _id,
    organizationId,
    input: { kind: "tick" } as const,
  }));
  const seen = () =>
    runs
      .map(({ _id }) => database.runs.get(_id)!)
      .map(({ status, reason, executions }) => [status, reason?.code, executions[0]?.status]);
  return { move: () => batches.move(moves), seen };
}

describe("a run whose decision throws", () => {
  test("REL-6: does not hold up the others of its batch", async () => {
    const { move, seen } = house();
    await move();
    expect(seen()).toEqual([
      ["ACTIVE", undefined, "PROCESSING"],
      ["ACTIVE", undefined, "PENDING"],
      ["ACTIVE", undefined, "PROCESSING"],
    ]);
  });

  test("REL-6: stops at a visible ERROR after bounded tries", async () => {
    const { move, seen } = house();
    for (let i = 0; i < 6; i++) await move();
    expect(seen()[1]).toEqual(["ERROR", "INTERNAL_ERROR", "ERROR"]);
  });
});

test("REL-4: when another service is away nothing is done, and no run is blamed", async () => {
  const { move, seen } = house(() => Promise.reject(new ServiceUnavailableError("A part of Cadenza")));
  for (let i = 0; i < 8; i++) await expect(move()).rejects.toThrow(ServiceUnavailableError);
  expect(seen().map(([status]) => status)).toEqual(["ACTIVE", "ACTIVE", "ACTIVE"]);
});
