import { derivedId } from "@cadenza/platform";
import { expect, test } from "vitest";
import { contentOf, placesOf } from "../../test/builders.ts";
import { AWKWARD_BOOK } from "../../test/workflow-arbitrary.ts";
import { readNamedField, writeNamedField } from "./field-reference.ts";
import { findNamed, findTemplate, findUser } from "./name-book.ts";
import { NameResolver } from "./name-resolver.ts";
import { toDocument } from "./to-document.ts";
import { writeYaml } from "./write-yaml.ts";

const named = (...names: string[]) => names.map((name) => ({ id: name, name }));

test("WF-8: a name is found whatever its case, the exact spelling first, several are ambiguous", () => {
  expect(findNamed(named("Sales", "Support"), " SALES ")).toMatchObject({ id: "Sales" });
  expect(findNamed(named("Sales", "sales"), "sales")).toMatchObject({ id: "sales" });
  expect(findNamed(named("Sales", "sales"), "SALES")).toBe("NAME_AMBIGUOUS");
  expect(findNamed(named("Sales"), "Sale")).toBe("NAME_NOT_FOUND");
  expect(findNamed(named("Größe"), "GRÖSSE")).toBe("NAME_NOT_FOUND");
});

test("WF-8: of a user the address decides, whatever the name beside it says", () => {
  const users = ["Ada", "Bob", "Bob"].map((name, index) => {
    return { id: `${index}`, name, email: `u${index}@demo.test`, status: "ACTIVE" as const };
  });
  const book = { ...AWKWARD_BOOK, users };
  expect(findUser(book, "Somebody Else <U1@demo.test>")).toMatchObject({ id: "1" });
  expect(findUser(book, "Ada <Countess> Lovelace <u0@demo.test> ")).toMatchObject({ id: "0" });
  expect(findUser(book, "u2@demo.test")).toMatchObject({ id: "2" });
  expect(findUser(book, "ada")).toMatchObject({ id: "0" });
  expect(findUser(book, "Bob")).toBe("NAME_AMBIGUOUS");
  expect(findUser(book, "Ada <gone@demo.test>")).toBe("NAME_NOT_FOUND");
});

test("WF-8: a shared template goes before others of its name, and the channel is the step's", () => {
  const template = (id: string, shared: boolean, channel: "EMAIL" | "SMS" = "EMAIL") => {
    return { id, name: "Intro", channel, shared, ownerId: null };
  };
  const book = { ...AWKWARD_BOOK, templates: [template("own", false), template("sms", true, "SMS")] };
  expect(findTemplate(book, "EMAIL", "intro")).toMatchObject({ id: "own" });
  book.templates.push(template("shared", true));
  expect(findTemplate(book, "EMAIL", "intro")).toMatchObject({ id: "shared" });
  book.templates.push(template("second", true));
  expect(findTemplate(book, "EMAIL", "intro")).toBe("NAME_AMBIGUOUS");
});

test.each(['the "big" one', "a.b]", "back\\slash", "日本語 🎉", "line\nbreak", ""])(
  "WF-8: a field called %j is read as it was written",
  (name) => {
    expect(readNamedField(writeNamedField("lead", name))).toEqual({ owner: "lead", name });
  },
);
test.each([
  "lead.custom.x",
  'lead.custom["x"',
  'lead.custom["x"] ',
  'lead.custom["\\q"]',
  'company.custom["x"]',
  "lead.custom[x]",
])("WF-8: %j names no field", (text) => expect(readNamedField(text)).toBeNull());

test("WF-8: what leads nowhere is null with a comment, which no id can break out of", () => {
  const gone = derivedId(new Date(0), "gone");
  const evil = "x\nowner: Mallory <m@demo.test>\u2028#";
  const step = {
    id: gone,
    name: null,
    delay: { amount: 0, unit: "DAY" as const },
    kind: "EMAIL" as const,
    sender: { mode: "GROUP" as const, userId: null, groupIds: [evil, gone], customFieldId: null },
    templateId: evil,
    sendMode: "SEND" as const,
    replyInThread: false,
    ignoreSchedule: false,
  };
  const condition = { test: { path: `lead.custom.${gone}`, op: "EQUALS" as const, value: 1 } };
  const trigger = { event: "LEAD_UPDATED" as const, conditions: condition, stalledDays: null };
  const { document, remarks } = toDocument(contentOf({ ownerId: gone, trigger, places: placesOf(step) }), AWKWARD_BOOK);
  const yaml = writeYaml(document, remarks);
  expect(yaml).toContain(`owner: null # no user has the id ${gone}`);
  expect(yaml).toContain(`path: lead.custom["${gone}"] # no custom field of this object has the id ${gone}`);
  expect(yaml).toContain("template: null # no email template has the id x?owner: Mallory <m@demo.test>?#\n");
  expect(yaml.match(/^owner:/gm)).toHaveLength(1);
  expect(document.steps?.[0]?.email?.sender?.groups).toEqual([null, null]);
});

test("WF-8: a field nobody knows keeps its name, so that activation can say what is missing", () => {
  const resolver = new NameResolver(AWKWARD_BOOK);
  const place = { step: null, field: "trigger.conditions.test.path" };
  expect(resolver.path('lead.custom["Sise"]', "LEAD_UPDATED", place)).toEqual({ path: "lead.custom.Sise", kind: null });
  expect(resolver.problems).toMatchObject([{ code: "NAME_NOT_FOUND", ...place }]);
  expect(resolver.empty).toEqual([place]);
});
