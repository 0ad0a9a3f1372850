import fc from "fast-check";
import { expect, test } from "vitest";
import { idOf, placesOf, stepNamed } from "../../test/builders.ts";
import { addStep, moveStep, type Places, removeStep, replaceStep, restorePlaces, visibleSteps } from "./places.ts";

const [a, b, c, x] = ["A", "B", "C", "X"].map((name) => stepNamed(name));
/** `A.B` reads: A, a removed step, B. */
const shown = (places: Places): string => places.map(({ step }) => step?.name ?? ".").join("");
const removed = (name: string) => ({ stepId: idOf(name), step: null });
const abc = placesOf(a!, b!, c!);

const additions: [Places, number | null, string][] = [
  [abc, 0, "XABC"],
  [abc, 2, "ABXC"],
  [abc, 3, "ABCX"],
  [abc, null, "ABCX"],
  [[], 0, "X"],
  // Right before the step shown there, and so after what was removed before it.
  [[...placesOf(a!), removed("r"), ...placesOf(b!)], 1, "A.XB"],
  [[...placesOf(a!), removed("r")], 1, "A.X"],
];
test.each(additions)(
  "WF-4: a step added to %j at %j stands right before the one shown there: %s",
  (places, position, expected) => {
    expect(shown(addStep(places, x!, position))).toBe(expected);
  },
);

const moves: [Places, string, number, string][] = [
  [abc, "A", 2, "BCA"],
  [abc, "A", 1, "BAC"],
  [abc, "C", 0, "CAB"],
  [abc, "B", 1, "ABC"],
  [[...placesOf(a!), removed("r"), ...placesOf(b!, c!)], "A", 0, "A.BC"],
  [[removed("r"), ...placesOf(a!, b!)], "B", 0, ".BA"],
];
test.each(moves)("WF-4: of %j, %s moved to %i gives %s", (places, name, position, expected) => {
  expect(shown(moveStep(places, idOf(name), position))).toBe(expected);
});

test("EDIT-1: a removed step keeps its place", () => {
  expect(shown(removeStep(abc, b!.id))).toBe("A.C");
  expect(removeStep(abc, b!.id)[1]).toEqual(removed("B"));
});

test("EDIT-1: of too many tombstones the oldest go", () => {
  const many = Array.from({ length: 401 }, (_, index) => stepNamed(`step ${index}`));
  const oldest = many.map(({ id }) => id).sort()[0];
  const places = many.reduce<Places>((current, step) => removeStep(current, step.id), placesOf(...many, a!));
  expect(places).toHaveLength(401);
  expect(places.some(({ stepId }) => stepId === oldest)).toBe(false);
  expect(places.at(-1)?.step).toEqual(a);
});

test("WF-3: restoring brings back order and settings; what came since stays as a tombstone in its place", () => {
  const first = placesOf(a!, b!, c!);
  const later = removeStep(addStep(moveStep(first, c!.id, 0), x!, 2), b!.id);
  expect(shown(later)).toBe("CAX.");
  expect(shown(restorePlaces(first, later))).toBe("A.BC");
});

type Edit = { kind: "add" | "move" | "remove" | "replace"; which: number; position: number };
const edits = fc.array(
  fc.record({
    kind: fc.constantFrom<Edit["kind"]>("add", "move", "remove", "replace"),
    which: fc.nat(),
    position: fc.nat(),
  }),
  { maxLength: 40 },
);

/** Applies edits to the places and, as anyone would, to a plain list of names. */
function play(sequence: readonly Edit[]): { history: Places[]; list: string[] } {
  let places: Places = [];
  let list: string[] = [];
  const history: Places[] = [places];
  for (const [index, { kind, which, position }] of sequence.entries()) {
    const name = list[which % Math.max(1, list.length)];
    if (kind === "add") {
      const at = position % (list.length + 1);
      places = addStep(places, stepNamed(`${index}`), at);
      list = list.toSpliced(at, 0, `${index}`);
    } else if (name === undefined) continue;
    else if (kind === "move") {
      const at = position % list.length;
      places = moveStep(places, idOf(name), at);
      list = list.filter((other) => other !== name).toSpliced(at, 0, name);
    } else if (kind === "remove") {
      places = removeStep(places, idOf(name));
      list = list.filter((other) => other !== name);
    } else places = replaceStep(places, stepNamed(name, { amount: index, unit: "HOUR" }));
    history.push(places);
  }
  return { history, list };
}

test("WF-4: whatever the edits, what is shown is what a plain list would show", () => {
  fc.assert(
    fc.property(edits, (sequence) => {
      const { history, list } = play(sequence);
      expect(visibleSteps(history.at(-1)!).map(({ name }) => name)).toEqual(list);
    }),
  );
});

test("EDIT-1: whatever the edits, every step that ever was has one place, and places that are not moved keep their order", () => {
  fc.assert(
    fc.property(edits, (sequence) => {
      const { history } = play(sequence);
      for (const [index, after] of history.entries()) {
        const ids = after.map(({ stepId }) => stepId);
        expect(new Set(ids).size).toBe(ids.length);
        const before = history[index - 1]?.map(({ stepId }) => stepId) ?? [];
        expect(before.every((id) => ids.includes(id))).toBe(true);
        // One edit moves one step at most: without it the order is the same.
        const kept = ids.filter((id) => before.includes(id));
        const moved = before.length === 0 ? [undefined] : [undefined, ...before];
        const isSame = moved.some((id) => {
          return before.filter((other) => other !== id).join() === kept.filter((other) => other !== id).join();
        });
        expect(isSame).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test("WF-3: whatever the edits, restoring an earlier state shows just that state and forgets no place", () => {
  fc.assert(
    fc.property(edits, fc.nat(), (sequence, which) => {
      const { history } = play(sequence);
      const present = history.at(-1)!;
      const earlier = history[which % history.length]!;
      const restored = restorePlaces(earlier, present);
      expect(visibleSteps(restored)).toEqual(visibleSteps(earlier));
      expect(restored.map(({ stepId }) => stepId).sort()).toEqual(present.map(({ stepId }) => stepId).sort());
    }),
  );
});
