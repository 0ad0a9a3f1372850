import { eventually } from "@cadenza/testkit";
import { expect, test } from "vitest";
import { SocketClient } from "./testing/socket-client.ts";
import { startWorld, type World } from "./testing/test-world.ts";

const WATCH = "subscription ($id: ID!) { runUpdated(id: $id) { id status lead { name } } }";
const WATCH_VERSION = "subscription ($id: ID!) { watched: runUpdated(id: $id) { version } }";

const connect = async (world: World, token = world.usual): Promise<SocketClient> =>
  new SocketClient(world.wsUrl).connect(`Bearer ${token}`);
const errorsOf = (client: SocketClient, id: string): unknown[] =>
  client
    .of(id, "error")
    .flatMap(({ payload }) => (payload as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code));

test("API-7: the present state comes first, then what it became, joined from all subgraphs", async () => {
  await using world = await startWorld();
  const run = world.addRun();
  using client = await connect(world);
  client.subscribe("1", WATCH, { id: run.id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  Object.assign(run, { status: "FINISHED", version: 2 });
  world.notify(run);
  await eventually(() => expect(client.states("1")).toHaveLength(2));
  const shown = (status: string) => ({ data: { runUpdated: { id: run.id, status, lead: { name: "Acme" } } } });
  expect(client.states("1")).toEqual([shown("ACTIVE"), shown("FINISHED")]);
});

test("API-7: queries and mutations are answered on the socket too, under HTTP's limits", async () => {
  await using world = await startWorld();
  using client = await connect(world);
  client.subscribe("q", "{ whoAmI }");
  client.subscribe("deep", `{ lead(id: "L") ${"{ parent ".repeat(15)}{ id }${" }".repeat(15)} }`);
  client.subscribe("bad", "{ nothing }");
  client.subscribe("syntax", "{ ");
  await eventually(() =>
    expect([client.states("q").length, ...["deep", "bad", "syntax"].flatMap((id) => errorsOf(client, id))]).toEqual([
      1,
      "TOO_COMPLEX",
      "GRAPHQL_VALIDATION_FAILED",
      "GRAPHQL_PARSE_FAILED",
    ]),
  );
  expect(client.states("q")[0]?.data["whoAmI"]).toContain(world.userId);
});

test("API-7: what does not exist, is another organization's, or is no id ends with NOT_FOUND", async () => {
  await using world = await startWorld();
  const foreign = world.addRun("01JDG0000000000000000000ZZ");
  using client = await connect(world);
  const ids = { gone: "01JDG0000000000000000000AA", foreign: foreign.id, wild: ">", none: "" };
  for (const [name, id] of Object.entries(ids)) client.subscribe(name, WATCH, { id });
  await eventually(() =>
    expect(Object.keys(ids).map((name) => errorsOf(client, name))).toEqual(Object.keys(ids).map(() => ["NOT_FOUND"])),
  );
});

test("API-7: what is gone later ends with NOT_FOUND", async () => {
  await using world = await startWorld();
  const run = world.addRun();
  using client = await connect(world);
  client.subscribe("1", WATCH, { id: run.id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  world.runs.delete(run.id);
  world.notify(run);
  await eventually(() => expect(errorsOf(client, "1")).toEqual(["NOT_FOUND"]));
});

test("API-7: a burst of a thousand changes is a few queries, in order, ending with the last state", async () => {
  await using world = await startWorld();
  const run = world.addRun();
  using client = await connect(world);
  client.subscribe("1", WATCH_VERSION, { id: run.id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  for (let i = 0; i < 1000; i++) {
    run.version++;
    world.notify(run);
  }
  const versions = () =>
    client.states<{ data: { watched: { version: number } } }>("1").map(({ data }) => data.watched.version);
  await eventually(() => expect(versions().at(-1)).toBe(1001));
  expect(versions()).toEqual([...versions()].sort((a, b) => a - b));
  expect(world.seen.queries).toBeLessThan(20);
});

test("API-7: a client that does not read finds few states when it comes back, the last one among them", async () => {
  await using world = await startWorld({ timing: { gapMs: 1 } });
  const run = world.addRun();
  using client = await connect(world);
  client.subscribe("1", WATCH_VERSION, { id: run.id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  client.socket.pause();
  for (let i = 0; i < 50; i++) {
    run.version++;
    const queries = world.seen.queries;
    world.notify(run);
    await eventually(() => expect(world.seen.queries).toBeGreaterThan(queries), { intervalMs: 1 });
  }
  client.socket.resume();
  const versions = () =>
    client.states<{ data: { watched: { version: number } } }>("1").map(({ data }) => data.watched.version);
  await eventually(() => expect(versions().at(-1)).toBe(51));
  expect(versions().length).toBeLessThan(10);
});

test("API-7: a state older than one that was shown is never sent", async () => {
  await using world = await startWorld();
  const run = world.addRun();
  run.version = 5;
  using client = await connect(world);
  client.subscribe("1", WATCH, { id: run.id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  Object.assign(run, { version: 4, status: "OLDER" });
  const queries = world.seen.queries;
  world.notify(run);
  await eventually(() => expect(world.seen.queries).toBeGreaterThan(queries));
  Object.assign(run, { version: 6, status: "NEWER" });
  world.notify(run);
  await eventually(() => expect(client.states("1")).toHaveLength(2));
  expect(
    client.states<{ data: { runUpdated: { status: string } } }>("1").map(({ data }) => data.runUpdated.status),
  ).toEqual(["ACTIVE", "NEWER"]);
});

test("API-7: equal subscriptions share one execution; one that leaves does not end the others", async () => {
  await using world = await startWorld();
  const run = world.addRun();
  using client = await connect(world);
  using other = await connect(world);
  const watchers = Array.from({ length: 20 }, (_, i) => String(i));
  for (const id of watchers) client.subscribe(id, WATCH, { id: run.id });
  other.subscribe("1", WATCH, { id: run.id });
  await eventually(() =>
    expect([...watchers.map((id) => client.states(id).length), other.states("1").length]).toEqual(
      Array.from({ length: 21 }, () => 1),
    ),
  );
  expect(world.seen.queries).toBeLessThan(10);
  client.send({ id: "0", type: "complete" });
  other.socket.close();
  await other.closed();
  run.version = 2;
  run.status = "PAUSED";
  world.notify(run);
  await eventually(() => expect(watchers.slice(1).every((id) => client.states(id).length === 2)).toBe(true));
  expect(client.states("0")).toHaveLength(1);
});

test("API-7: a change that no notice told is found by the resync", async () => {
  await using world = await startWorld({ timing: { resyncMs: 100 } });
  const run = world.addRun();
  using client = await connect(world);
  client.subscribe("1", WATCH, { id: run.id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  Object.assign(run, { status: "PAUSED", version: 2 });
  await eventually(() => expect(client.states("1")).toHaveLength(2));
});

test("API-7: a slow subscriber gets few, latest states", async () => {
  await using world = await startWorld({ timing: { gapMs: 1 } });
  const run = world.addRun();
  run.status = "x".repeat(1024 * 1024);
  using client = await connect(world);
  client.subscribe("1", WATCH, { id: run.id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  client.socket.pause();
  const queries = world.seen.queries;
  const last = queries + 60;
  while (world.seen.queries < last) {
    const before = world.seen.queries;
    run.version++;
    run.status = `${run.version} ${"x".repeat(1024 * 1024)}`;
    world.notify(run);
    await eventually(() => world.seen.queries > before, { intervalMs: 1 });
  }
  client.socket.resume();
  const newest = (): string | undefined =>
    client.states<{ data: { runUpdated: { status: string } } }>("1").at(-1)?.data.runUpdated.status.split(" ")[0];
  await eventually(() => expect(newest()).toBe(String(run.version)));
  expect(client.states("1").length).toBeLessThan(40);
});

test("API-7: a subgraph's outage ends nothing: the state comes when it is back", async () => {
  await using world = await startWorld({ timing: { retryMs: 50 } });
  const run = world.addRun();
  using client = await connect(world);
  client.subscribe("1", WATCH_VERSION, { id: run.id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  await world.stopRuns();
  run.version = 2;
  world.notify(run);
  await world.startRuns();
  await eventually(() => expect(client.states("1").at(-1)).toEqual({ data: { watched: { version: 2 } } }));
  expect(errorsOf(client, "1")).toEqual([]);
});

test("API-2: no token, a bad one, or a subscription before it closes the socket with 4401", async () => {
  await using world = await startWorld();
  for (const authorization of ["", "Bearer nonsense"]) {
    using client = await new SocketClient(world.wsUrl).connect(authorization);
    expect(await client.closed()).toBe(4401);
  }
  using early = new SocketClient(world.wsUrl);
  await eventually(() => early.socket.readyState === early.socket.OPEN);
  early.subscribe("1", "{ whoAmI }");
  expect(await early.closed()).toBe(4401);
});

test("API-7: a token that runs out closes the socket with 4401", async () => {
  await using world = await startWorld();
  using client = await connect(world, await world.token({ seconds: 2 }));
  client.subscribe("1", WATCH, { id: world.addRun().id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  expect(await client.closed()).toBe(4401);
});

test("API-2: a user who is deactivated loses subscription and socket at the next change", async () => {
  await using world = await startWorld({ timing: { resyncMs: 200 } });
  using client = await connect(world);
  client.subscribe("1", WATCH, { id: world.addRun().id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  world.users.get(world.userId)!.active = false;
  expect(await client.closed()).toBe(4401);
});

test("API-7: sockets and subscriptions of one caller are bounded", async () => {
  await using world = await startWorld({
    env: { MAX_SOCKETS_PER_PRINCIPAL: "1", MAX_SUBSCRIPTIONS_PER_PRINCIPAL: "1" },
  });
  using client = await connect(world);
  using second = await connect(world);
  expect(await second.closed()).toBe(4429);
  client.subscribe("1", WATCH, { id: world.addRun().id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  client.subscribe("2", WATCH, { id: world.addRun().id });
  await eventually(() => expect(errorsOf(client, "2")).toEqual(["RATE_LIMITED"]));
  client.send({ id: "1", type: "complete" });
  await eventually(() => {
    client.subscribe("3", WATCH, { id: world.addRun().id });
    return true;
  });
  await eventually(() => expect(client.states("3")).toHaveLength(1));
});

test("REL-5: at the end every socket is closed with 1012", async () => {
  await using world = await startWorld();
  using client = await connect(world);
  client.subscribe("1", WATCH, { id: world.addRun().id });
  await eventually(() => expect(client.states("1")).toHaveLength(1));
  await world.lifecycle.end();
  expect(await client.closed()).toBe(1012);
});
