import { afterAll, beforeAll, expect, test } from "vitest";
import { ACTIVATE, ARCHIVE, CREATE, EDIT, startWorld, step, UPDATE, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const create = async () => (await world.change(CREATE, { input: { name: "Raced", steps: [step("A")] } })).workflow;
const read = async (id: string) =>
  (
    await world.ask(
      `query($id: ID!) { workflow(id: $id) { revision status steps { name } revisions(first: 200) { nodes { number steps { name } } } } }`,
      { id },
    )
  ).data["workflow"];
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const codeOf = ({ userErrors }: { userErrors: { code: string }[] }) => userErrors[0]?.code ?? "saved";

test("WF-4: of a hundred edits at once that name the same revision exactly one wins", async () => {
  const { id } = await create();
  const edits = (index: number) => [{ add: { step: step(`S${index}`) } }];
  const all = await Promise.all(many(100, (index) => world.change(EDIT, { id, revision: 1, edits: edits(index) })));
  const codes = all.map(codeOf);
  expect(codes.filter((code) => code === "saved")).toHaveLength(1);
  expect(codes.filter((code) => code === "REVISION_CONFLICT")).toHaveLength(99);
  const after = await read(id);
  expect(after).toMatchObject({ revision: 2, steps: [{ name: "A" }, { name: `S${codes.indexOf("saved")}` }] });
  expect(after.revisions.nodes).toHaveLength(2);
});

test("WF-3, WF-4: many editors who look again and save again lose no edit, and every save is one revision", async () => {
  const { id } = await create();
  const save = async (name: string): Promise<void> => {
    const { revision } = await read(id);
    const saved = await world.change(EDIT, { id, revision, edits: [{ add: { step: step(name) } }] });
    if (codeOf(saved) === "REVISION_CONFLICT") return save(name);
    expect(codeOf(saved)).toBe("saved");
  };
  const names = many(20, (index) => `S${index}`);
  await Promise.all(names.map(save));
  const { revision, steps, revisions } = await read(id);
  expect(revision).toBe(21);
  expect(steps.map(({ name }: { name: string }) => name).sort()).toEqual(["A", ...names].sort());
  // Each revision has one step more than the one before it: none was built on what another had not seen.
  expect(revisions.nodes.map(({ steps }: { steps: unknown[] }) => steps.length)).toEqual(many(21, (i) => 21 - i));
});

test("WF-1, WF-4: a save that meets activation and archiving is saved under the status that holds then", async () => {
  const { id } = await create();
  const [saved] = await Promise.all([
    world.change(UPDATE, { id, input: { expectedRevision: 1, name: "Saved" } }),
    world.change(ACTIVATE, { id }),
  ]);
  expect(codeOf(saved)).toBe("saved");
  expect(await read(id)).toMatchObject({ revision: 2, status: "ACTIVE" });
  const faulty = { expectedRevision: 2, edits: [{ add: { step: { email: {} } } }] };
  const [refused] = await Promise.all([world.change(UPDATE, { id, input: faulty }), world.change(ARCHIVE, { id })]);
  const after = await read(id);
  expect(after.status).toBe("ARCHIVED");
  expect(after.revision).toBe(codeOf(refused) === "saved" ? 3 : 2);
});

test("WF-5: whatever the race, an active workflow has no fault", async () => {
  const { id } = await create();
  const faulty = { expectedRevision: 1, edits: [{ add: { step: { email: {} } } }] };
  const [activated, saved] = await Promise.all([
    world.change(ACTIVATE, { id }),
    world.change(UPDATE, { id, input: faulty }),
  ]);
  expect([codeOf(activated), codeOf(saved)].filter((code) => code === "saved")).toHaveLength(1);
  const after = await read(id);
  expect([after.status, after.steps.length]).toEqual(codeOf(activated) === "saved" ? ["ACTIVE", 1] : ["DRAFT", 2]);
});
