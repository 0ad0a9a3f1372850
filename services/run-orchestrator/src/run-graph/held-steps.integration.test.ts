import type { StepResult } from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definition, email } from "../runs/definition-builder.ts";
import { type House, startHouse } from "../testing/house.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

test("RUN-2, RUN-3: a step whose message the account holds back is shown as held, with the reason and the time, and found by it", async () => {
  const { organizationId } = house;
  const { workflowId, places } = house.definitions.put(
    definition([email("hello")], { organizationId, workflowId: newId(realClock.now()) }),
  );
  const { contactIds } = house.crm.addLead(organizationId, "Held");
  const { enroll } = await house.data<{ enroll: { run: { id: string } } }>(
    `mutation($input: EnrollInput!) { enroll(input: $input) { run { id } } }`,
    { input: { workflowId, contactId: contactIds[0] } },
  );
  const runId = enroll.run.id;
  const { stepId } = places[0]!;
  const tell = (at: Date, held: Pick<StepResult, "reason" | "heldUntil"> | null): Promise<void> => {
    const step = { key: `${runId}:${stepId}:1`, runId, stepId, attempt: 1 };
    const nothing = { messageId: null, taskId: null, changes: null, reason: null };
    return house.publish("communicationsStepEnded", [{ ...step, ...nothing, outcome: "WAITING", at, ...held }]);
  };
  const seen = async () => {
    const { run } = await house.data<{ run: { nextAction: object; executions: object[] } }>(
      `query($id: ID!) { run(id: $id) { nextAction { status at held { code } } executions { status reason { code } heldUntil } } }`,
      { id: runId },
    );
    return [run.nextAction, run.executions[0]];
  };
  const heldBy = async (code: string): Promise<number> => {
    const filter = { workflowIds: [workflowId], reasonCodes: [code] };
    const query = `query($filter: RunFilter) { runs(filter: $filter) { totalCount } }`;
    return (await house.data<{ runs: { totalCount: number } }>(query, { filter })).runs.totalCount;
  };

  const now = realClock.now();
  const heldUntil = new Date(now.getTime() + 3_600_000);
  const reason = { code: "SENDING_LIMIT", message: "The limit is used up." };
  await tell(new Date(now.getTime() + 2), { reason, heldUntil });
  // What was told before comes after, and changes nothing.
  await tell(now, null);
  const at = heldUntil.toISOString();
  await eventually(async () =>
    expect(await seen()).toEqual([
      { status: "HELD", at, held: { code: "SENDING_LIMIT" } },
      { status: "HELD", reason: { code: "SENDING_LIMIT" }, heldUntil: at },
    ]),
  );
  expect([await heldBy("SENDING_LIMIT"), await heldBy("ACCOUNT_PAUSED")]).toEqual([1, 0]);

  await tell(new Date(now.getTime() + 3), null);
  await eventually(async () =>
    expect(await seen()).toMatchObject([
      { status: "WAITING", held: null },
      { status: "WAITING", reason: null, heldUntil: null },
    ]),
  );
  expect(await heldBy("SENDING_LIMIT")).toBe(0);
});
