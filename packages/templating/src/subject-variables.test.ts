import type { LeadView, OrganizationView } from "@cadenza/contracts";
import { expect, it } from "vitest";
import { renderTemplate } from "./render-template.ts";
import { subjectVariables } from "./subject-variables.ts";

const at = "2026-01-01T00:00:00.000Z";
const organization: OrganizationView = {
  id: "O",
  name: "Demo",
  timeZone: "UTC",
  country: "DE",
  visibleUnsubscribeLink: false,
  customFieldNames: { F1: "Region", F2: "Region", F3: "__proto__", F4: "Budget" },
};
const lead: LeadView = {
  id: "L",
  version: 1,
  name: "Acme Inc",
  description: null,
  url: null,
  status: { id: "S", name: "New" },
  custom: { F2: "North", F3: "x" },
  contactIds: [],
  createdAt: at,
  updatedAt: at,
};
const variables = subjectVariables({ organization, lead, contact: null, opportunity: null, sender: null, event: null });
const render = (source: string) => renderTemplate(source, variables, { format: "text", now: new Date(at) });

it("EML-1: custom fields answer to their id and their name", () => {
  expect(render('{{ lead.custom["F2"] }} {{ lead.custom["Region"] }} {{ lead.firstName }}')).toEqual({
    ok: true,
    text: "North North Acme",
  });
});

it("EML-1: a custom field without a value is missing, by name", () => {
  expect(render('{{ lead.custom["Budget"] }}')).toMatchObject({
    ok: false,
    reason: { code: "TEMPLATE_VARIABLE_MISSING" },
  });
  expect(render('{{ lead.custom["Budget"] | default: 5 }}')).toEqual({ ok: true, text: "5" });
});

it("REL-9: a custom field with the name of a prototype key is only a field", () => {
  expect(render('{{ lead.custom["__proto__"] }}')).toEqual({ ok: true, text: "x" });
  expect(Object.prototype).not.toHaveProperty("x");
});

it("EML-1: a subject that is not there makes its fields missing", () => {
  expect(render("{{ contact.firstName }}")).toMatchObject({ ok: false, reason: { code: "TEMPLATE_VARIABLE_MISSING" } });
});
