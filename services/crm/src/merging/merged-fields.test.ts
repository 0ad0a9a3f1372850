import { expect, test } from "vitest";
import type { ContactFields } from "../contacts/contact.ts";
import type { LeadFields } from "../leads/lead.ts";
import { mergedContact, mergedLead } from "./merged-fields.ts";

const contact = (fields: Partial<ContactFields>): ContactFields => {
  return { name: "Ada", title: null, timeZone: null, emails: [], phones: [], custom: {}, ...fields };
};
const lead = (fields: Partial<LeadFields>): LeadFields => {
  return { name: "Acme", description: null, url: null, statusId: "S", custom: {}, ...fields };
};
const phone = (number: string, country: string | null = null) => ({ number, country });

test("RUN-9: a merged contact keeps its own values and takes what it lacks", () => {
  const own = contact({ name: "Ada", title: "CTO", custom: { a: 1 } });
  const other = contact({ name: "A. L.", title: "CEO", timeZone: "Europe/Paris", custom: { a: 2, b: 3 } });
  expect(mergedContact(own, other)).toEqual(
    contact({ name: "Ada", title: "CTO", timeZone: "Europe/Paris", custom: { a: 1, b: 3 } }),
  );
});

test("CRM-2: addresses and numbers of both stand once, the surviving contact's first and as it spells them", () => {
  const own = contact({ emails: ["Ada@One.test"], phones: [phone("+4930111", "DE")] });
  const other = contact({ emails: ["ada@one.TEST", "two@two.test"], phones: [phone("+4930222"), phone("+4930111")] });
  const { emails, phones } = mergedContact(own, other);
  expect(emails).toEqual(["Ada@One.test", "two@two.test"]);
  expect(phones).toEqual([phone("+4930111", "DE"), phone("+4930222")]);
});

test("RUN-9: a merged lead keeps its name and status and takes what it lacks", () => {
  const own = lead({ url: "https://own.test", custom: { a: ["x"] } });
  const other = lead({ name: "B", statusId: "T", description: "Words", url: "https://b.test", custom: { a: ["y"] } });
  expect(mergedLead(own, other)).toEqual({ ...own, description: "Words" });
});
