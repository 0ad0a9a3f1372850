import type { CreateTaskCommand, StepResult, WithdrawCommand } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTaskCommand } from "../../test/views.ts";
import { startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const command = (changes: Partial<CreateTaskCommand> = {}) => {
  const about = {
    leadId: world.lead.id,
    contactId: world.contact.id,
    userId: world.users.ada.id,
    at: world.clock.now(),
  };
  return createTaskCommand(about, changes);
};
const withdrawalOf = ({ key, runId, stepId, attempt }: CreateTaskCommand): WithdrawCommand => ({
  key: `${key}:withdraw`,
  effectKey: key,
  runId,
  stepId,
  attempt,
  reason: { code: "STEP_REMOVED", message: "The step was removed from the workflow." },
  at: world.clock.now(),
});
const tell = (kind: "createTask" | "withdrawTask", items: (CreateTaskCommand | WithdrawCommand)[]) =>
  world.committer.commit(async (unit) => unit.tell({ kind, organizationId: world.organizationId, items } as never));
const resultsOf = ({ key }: CreateTaskCommand): StepResult[] => world.results.filter((result) => result.key === key);
const outcomes = (item: CreateTaskCommand, count: number): Promise<string[]> =>
  eventually(() => {
    const own = resultsOf(item).map(({ outcome }) => outcome);
    if (own.length < count) throw new Error(`only ${own.join()} so far`);
    return own;
  });
const tasksOf = async ({ runId }: CreateTaskCommand) =>
  (
    await world.ask(
      `query($id: ID!) { tasks(filter: { runIds: [$id] }) { totalCount nodes { id status description dueAt optional reason { code } assignees { id } lead { id } contact { id } run { id } workflow { id } } } }`,
      { id: runId },
    )
  ).data["tasks"];

test("TASK-1: a step makes a task with what it shows", async () => {
  const item = command({ due: { amount: 2, unit: "HOUR" } });
  await tell("createTask", [item]);
  expect(await outcomes(item, 1)).toEqual(["WAITING"]);
  const { nodes } = await tasksOf(item);
  expect(nodes).toEqual([
    {
      id: resultsOf(item)[0]!.taskId,
      status: "OPEN",
      description: "Call Grace of Acme",
      dueAt: "2026-01-05T11:00:00.000Z",
      optional: false,
      reason: null,
      assignees: [{ id: world.users.ada.id }],
      lead: { id: world.lead.id },
      contact: { id: world.contact.id },
      run: { id: item.runId },
      workflow: { id: item.workflowId },
    },
  ]);
});

test("RUN-4: a redelivered command makes one task and is answered alike", async () => {
  const item = command();
  await tell("createTask", [item]);
  await tell("createTask", [item]);
  await tell("createTask", [item]);
  expect(new Set(await outcomes(item, 3))).toEqual(new Set(["WAITING"]));
  expect((await tasksOf(item)).totalCount).toBe(1);
});

test("RUN-4: a batch asks crm once; one bad step does not fail the others", async () => {
  const before = world.crm.calls;
  const good = Array.from({ length: 50 }, () => command());
  const bad = command({ description: "{{ contact.title }}" });
  await tell("createTask", [...good, bad]);
  expect(await outcomes(bad, 1)).toEqual(["ERROR"]);
  await Promise.all(good.map((item) => outcomes(item, 1)));
  expect(world.crm.calls).toBe(before + 1);
});

test("TASK-1: the users of a lead's field are looked up, whom only the field names", async () => {
  world.lead.custom = { team: [world.users.bob.id, world.users.gone.id] };
  const item = command({ assignee: { mode: "CUSTOM_FIELD", userId: null, groupIds: [], customFieldId: "team" } });
  await tell("createTask", [item]);
  await outcomes(item, 1);
  expect((await tasksOf(item)).nodes[0].assignees).toEqual([{ id: world.users.bob.id }]);
});

test("TASK-2: completing a required task ends its step once; reopening does not move the run back", async () => {
  const item = command();
  await tell("createTask", [item]);
  await outcomes(item, 1);
  const { taskId } = resultsOf(item)[0]!;
  const act = (name: string) =>
    world.change(`mutation($id: ID!) { ${name}(id: $id) { task { status } userErrors { code } } }`, { id: taskId });
  expect((await act("completeTask")).task.status).toBe("COMPLETED");
  expect(await outcomes(item, 2)).toEqual(["WAITING", "DONE"]);
  expect(resultsOf(item)[1]).toMatchObject({ taskId, runId: item.runId, stepId: item.stepId, attempt: 1 });
  expect((await act("completeTask")).userErrors).toEqual([{ code: "TASK_NOT_OPEN" }]);
  expect((await act("reopenTask")).task.status).toBe("OPEN");
  expect((await act("completeTask")).task.status).toBe("COMPLETED");
  const fence = command();
  await tell("createTask", [fence]);
  await outcomes(fence, 1);
  expect(resultsOf(item)).toHaveLength(2);
});

test("TASK-2: an optional task is done at once and tells nothing when completed", async () => {
  const item = command({ optional: true });
  await tell("createTask", [item]);
  expect(await outcomes(item, 1)).toEqual(["DONE"]);
  const { taskId } = resultsOf(item)[0]!;
  await world.change(`mutation($id: ID!) { completeTask(id: $id) { task { status } } }`, { id: taskId });
  const fence = command();
  await tell("createTask", [fence]);
  await outcomes(fence, 1);
  expect(resultsOf(item)).toHaveLength(1);
});

test("TASK-3: deleting an open required task ends its step SKIPPED, and a withdrawal hears so too", async () => {
  const item = command();
  await tell("createTask", [item]);
  await outcomes(item, 1);
  const { taskId } = resultsOf(item)[0]!;
  const answer = await world.change(`mutation($id: ID!) { deleteTask(id: $id) { deletedId userErrors { code } } }`, {
    id: taskId,
  });
  expect(answer).toEqual({ deletedId: taskId, userErrors: [] });
  expect(await outcomes(item, 2)).toEqual(["WAITING", "SKIPPED"]);
  expect(resultsOf(item)[1]!.reason?.code).toBe("TASK_DELETED");
  await tell("withdrawTask", [withdrawalOf(item)]);
  expect(await outcomes(item, 3)).toEqual(["WAITING", "SKIPPED", "SKIPPED"]);
});

test("EDIT-4: an open task is withdrawn with the reason, a completed one stays done", async () => {
  const [open, completed] = [command(), command()];
  await tell("createTask", [open, completed]);
  await Promise.all([outcomes(open, 1), outcomes(completed, 1)]);
  await world.change(`mutation($id: ID!) { completeTask(id: $id) { task { id } } }`, {
    id: resultsOf(completed)[0]!.taskId,
  });
  await tell("withdrawTask", [withdrawalOf(open), withdrawalOf(completed)]);
  expect(await outcomes(open, 2)).toEqual(["WAITING", "CANCELED"]);
  expect(await outcomes(completed, 3)).toEqual(["WAITING", "DONE", "DONE"]);
  expect(resultsOf(open)[1]!.reason?.code).toBe("STEP_REMOVED");
  expect((await tasksOf(open)).nodes[0]).toMatchObject({ status: "CANCELED", reason: { code: "STEP_REMOVED" } });
});

test("EDIT-4: a withdrawal that overtakes its command keeps the task from being made", async () => {
  const item = command();
  await tell("withdrawTask", [withdrawalOf(item)]);
  expect(await outcomes(item, 1)).toEqual(["CANCELED"]);
  await tell("createTask", [item]);
  expect(await outcomes(item, 2)).toEqual(["CANCELED", "CANCELED"]);
  expect((await tasksOf(item)).totalCount).toBe(0);
});

test("RUN-4: a task completed and withdrawn at the same moment has one end", async () => {
  const items = Array.from({ length: 8 }, () => command());
  await tell("createTask", items);
  await Promise.all(items.map((item) => outcomes(item, 1)));
  await Promise.all(
    items.flatMap((item) => [
      tell("withdrawTask", [withdrawalOf(item)]),
      world.change(`mutation($id: ID!) { completeTask(id: $id) { task { id } userErrors { code } } }`, {
        id: resultsOf(item)[0]!.taskId,
      }),
    ]),
  );
  await Promise.all(items.map((item) => outcomes(item, 2)));
  for (const item of items) {
    const ends = await eventually(() => {
      const own = resultsOf(item).flatMap(({ outcome }) => (outcome === "WAITING" ? [] : [outcome]));
      if (own.length === 0) throw new Error("no end so far");
      return own;
    });
    expect(new Set(ends).size).toBe(1);
    expect((await tasksOf(item)).nodes[0].status).toBe(ends[0] === "DONE" ? "COMPLETED" : "CANCELED");
  }
});

test("REL-4: while crm is away commands wait, and are done when it is back", async () => {
  world.crm.isAway = true;
  const item = command();
  const before = world.crm.calls;
  await tell("createTask", [item]);
  await eventually(() => world.crm.calls > before);
  world.crm.isAway = false;
  expect(await outcomes(item, 1)).toEqual(["WAITING"]);
});

test("API-3: a command for another organization's lead makes nothing there", async () => {
  const item = command({ leadId: newId(world.clock.now()) });
  await tell("createTask", [item]);
  expect(await outcomes(item, 1)).toEqual(["SKIPPED"]);
  expect((await tasksOf(item)).totalCount).toBe(0);
});
