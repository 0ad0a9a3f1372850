import { expect, test } from "vitest";
import { zoneFor } from "./index.ts";

const at = new Date("2026-07-01T00:00:00Z");
const recipient = { zoneMode: "RECIPIENT", timeZone: "Europe/Berlin" } as const;
const zoneOf = (
  phones: { number: string; country?: string | null }[],
  contactTimeZone: string | null = null,
  when = at,
) => zoneFor(recipient, { contactTimeZone, phones, at: when });

test("SCH-1: in workflow mode the recipient does not count", () => {
  const given = { zoneMode: "WORKFLOW", timeZone: "Europe/Berlin" } as const;
  expect(zoneFor(given, { contactTimeZone: "Asia/Tokyo", phones: [{ number: "+81312345678" }], at })).toBe(
    "Europe/Berlin",
  );
});

test("SCH-1: the contact's own zone comes first, unless it is none", () => {
  expect(zoneOf([{ number: "+81312345678" }], "America/Lima")).toBe("America/Lima");
  expect(zoneOf([{ number: "+81312345678" }], "Mars/Olympus")).toBe("Asia/Tokyo");
});

test("SCH-1: then the phone's country, where all its zones agree at that instant", () => {
  expect(zoneOf([{ number: "+81312345678", country: "JP" }])).toBe("Asia/Tokyo");
  expect(zoneOf([{ number: "+12125550100", country: "US" }])).toBe("Europe/Berlin");
  // Germany has two zones in zone.tab, which have always agreed since 1980.
  expect(zoneOf([{ number: "+4930123456" }])).toBe("Europe/Berlin");
});

test("SCH-1: whether a country's zones agree is asked at that instant", () => {
  // Kazakhstan's zones are one hour apart until 1 March 2024, and the same since.
  const phones = [{ number: "+77172123456", country: "KZ" }];
  expect(zoneOf(phones, null, new Date("2024-02-01T00:00:00Z"))).toBe("Europe/Berlin");
  expect(zoneOf(phones)).toBe("Asia/Almaty");
});

test("SCH-1: the first number counts; without a country the workflow's zone does", () => {
  expect(
    zoneOf([
      { number: "+12125550100", country: "US" },
      { number: "+81312345678", country: "JP" },
    ]),
  ).toBe("Europe/Berlin");
  expect(zoneOf([{ number: "+80012345678" }])).toBe("Europe/Berlin");
  expect(zoneOf([{ number: "nonsense", country: "XX" }])).toBe("Europe/Berlin");
  expect(zoneOf([])).toBe("Europe/Berlin");
});
