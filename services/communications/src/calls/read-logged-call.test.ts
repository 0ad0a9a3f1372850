import { expect, test } from "vitest";
import { readNumber, readWhat, readWhen } from "./read-logged-call.ts";

const now = new Date("2026-01-05T09:00:00.000Z");
const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const when = (startedAt: Date | null, durationSeconds: number | null) => readWhen({ startedAt, durationSeconds }, now);

test.each([
  ["nothing said: it has ended now", null, null, 0, 0],
  ["a length: it began so long ago", null, 90, -90, 0],
  ["a start: a call without a length", at(-300), null, -300, -300],
  ["both", at(-300), 90, -300, -210],
  ["a length that is not over yet ends now", at(-30), 90, -30, 0],
  ["a clock that is half a minute ahead", at(30), 90, 0, 0],
])("API-5: when a call was: %s", (_, startedAt, seconds, start, end) => {
  expect(when(startedAt, seconds)).toEqual({ ok: true, value: { startedAt: at(start), endedAt: at(end) } });
});

test("API-5: a call that is over does not begin in the future", () => {
  expect(when(at(61), null)).toMatchObject({ ok: false, userError: { path: ["input", "startedAt"] } });
});

test.each([
  ["+49 30 901820", "US", "+4930901820"],
  ["030 901820", "DE", "+4930901820"],
  [null, "DE", null],
])("CRM-2: %s in %s is %s", (text, country, expected) => {
  expect(readNumber(text, country)).toEqual({ ok: true, value: expected });
});

test.each(["", "12", "no number", "+49 30 901820 ext. 3", `+${"1".repeat(60)}`])("CRM-2: %j is no number", (text) => {
  expect(readNumber(text, "DE")).toMatchObject({
    ok: false,
    userError: { code: "INVALID_PHONE", path: ["input", "number"] },
  });
});

const contactId = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
test("TRG-1: what nobody says of a call: it was ours, and it was had", () => {
  const value = { status: "COMPLETED", direction: "OUTBOUND", outcome: null, note: null, durationSeconds: null };
  expect(readWhat({ contactId })).toEqual({ ok: true, value });
  expect(readWhat({ contactId, status: null, direction: null })).toEqual({ ok: true, value });
});

test("API-5: a call that goes on cannot be logged", () => {
  expect(readWhat({ contactId, status: "IN_PROGRESS" })).toMatchObject({
    userError: { code: "CALL_NOT_OVER", path: ["input", "status"] },
  });
});
