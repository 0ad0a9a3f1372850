import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readDocument } from "./read-document.ts";

const head = "format: cadenza/workflow\nversion: 1\nname: Outreach\n";
const errorsOf = (yaml: string) => {
  const read = readDocument(yaml);
  return Array.isArray(read) ? read.map(({ code, path, message }) => [code, path?.join("."), message]) : [];
};

const faults: [string, string, string, string, RegExp][] = [
  ["an unknown key", "stpes: []", "UNKNOWN_KEY", "yaml.stpes", /"stpes".*\(line 4\)/],
  [
    "an unknown key inside",
    "steps:\n  - email:\n      tmeplate: x",
    "UNKNOWN_KEY",
    "yaml.steps.0.email.tmeplate",
    /line 6/,
  ],
  ["a wrong type", "steps:\n  - name: 5", "INVALID_VALUE", "yaml.steps.0.name", /Expected string.*\(line 5\)/],
  ["what is missing", "steps:\n  - task:\n      optional: true", "REQUIRED", "yaml.steps.0.task.description", /line 5/],
  ["an unknown choice", "recipient: NOBODY", "INVALID_VALUE", "yaml.recipient", /EVENT_CONTACT.*line 4/],
  [
    "a fractional amount",
    "steps:\n  - delay: {amount: 1.5, unit: DAY}",
    "INVALID_VALUE",
    "yaml.steps.0.delay.amount",
    /line 5/,
  ],
  [
    "a time that is none",
    'schedule:\n  timeZone: UTC\n  ranges:\n    - {weekday: MONDAY, start: "25:00", end: "09:00"}',
    "INVALID_VALUE",
    "yaml.schedule.ranges.0.start",
    /local time.*line 7/,
  ],
  [
    "a zone that is none",
    "schedule:\n  timeZone: Mars/Olympus\n  ranges: []",
    "INVALID_VALUE",
    "yaml.schedule.timeZone",
    /IANA/,
  ],
  [
    "a key for MongoDB",
    "steps:\n  - updateLead:\n      fields:\n        - {field: name, value: {$set: 1}}",
    "INVALID_VALUE",
    "yaml.steps.0.updateLead.fields.0.value.$set",
    /\$.*line 7/,
  ],
  [
    "a number beyond all",
    "steps:\n  - updateLead:\n      fields:\n        - {field: name, value: .inf}",
    "INVALID_VALUE",
    "yaml.steps.0.updateLead.fields.0.value",
    /range/,
  ],
  ["a key twice", "recipient: EVENT_CONTACT\nrecipient: EVENT_CONTACT", "DUPLICATE", "yaml.recipient", /twice.*line 5/],
  ["an alias", "description: &a x\nowner: *a", "YAML_ALIAS", "yaml.owner", /line 5/],
  ["a merge key", "<<: {owner: x}", "UNKNOWN_KEY", "yaml.<<", /line 4/],
  ["a tag", "owner: !ruby/object x", "YAML_INVALID", "yaml", /tag.*line 4, column 8/],
  ["no YAML", 'owner: "open', "YAML_INVALID", "yaml", /line \d+, column \d+/],
  ["two documents", "---\nname: x", "YAML_INVALID", "yaml", /One document.*|document/],
  ["a key that is no text", "? [a]\n: b", "YAML_INVALID", "yaml", /key is a text.*line 4/],
];
test.each(faults)("WF-8: %s is named with its path and line", (_, body, code, path, message) => {
  const errors = errorsOf(`${head}${body}\n`);
  expect(errors).toEqual([[code, path, expect.stringMatching(message)]]);
});

test("WF-8: a document of something else is told so, and nothing else of it", () => {
  expect(errorsOf("kind: Deployment\nspec: {}\n")).toEqual([["UNSUPPORTED_FORMAT", "yaml.format", expect.any(String)]]);
  expect(errorsOf("format: cadenza/workflow\nversion: 2\nnew: 1\n")).toEqual([
    ["UNSUPPORTED_FORMAT", "yaml.version", expect.any(String)],
  ]);
  expect(errorsOf("")).toEqual([["YAML_INVALID", "yaml", expect.any(String)]]);
  expect(errorsOf("just a text")).toEqual([["UNSUPPORTED_FORMAT", "yaml.format", expect.any(String)]]);
});

test("WF-8: only the words of YAML 1.2 mean something: no, on and dates are texts", () => {
  const read = readDocument(`${head}description: no\nowner: 2026-12-24\nexclusivity: {group: on}\n`);
  expect(read).toMatchObject({ document: { description: "no", owner: "2026-12-24", exclusivity: { group: "on" } } });
  expect(readDocument(`%YAML 1.1\n---\n${head}description: no\n`)).toMatchObject({ document: { description: "no" } });
});

const SIZE = 256 * 1024;
const bombs: [string, string][] = [
  ["brackets", "[".repeat(SIZE)],
  ["dashes", "- ".repeat(SIZE / 2)],
  ["question marks", "? ".repeat(SIZE / 2)],
  ["colons", "a: ".repeat(SIZE / 4)],
  [
    "a billion laughs",
    `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [${"*a,".repeat(20)}*a]`).join("\n")}`,
  ],
  ["keys", Array.from({ length: 25_000 }, (_, i) => `k${i}: 1`).join("\n")],
  ["commas", `[${",".repeat(SIZE - 2)}`],
  ["closing brackets", "]".repeat(SIZE)],
  ["quotes", '"'.repeat(SIZE)],
  ["directives", "%a\n".repeat(SIZE / 3)],
  ["documents", "---\n".repeat(SIZE / 4)],
  ["too much", "#".repeat(SIZE + 1)],
];
test.each(bombs)("API-5: a document made of %s is refused, not unfolded", (_, yaml) => {
  const errors = errorsOf(yaml);
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.length).toBeLessThanOrEqual(50);
  for (const [, , message] of errors) expect(message!.length).toBeLessThan(400);
});

test("WF-8: the example of the documentation is a document", () => {
  const page = readFileSync(new URL("../../../../docs/workflow-yaml.md", import.meta.url), "utf8");
  const [, example] = /```yaml\n(.*?)```/su.exec(page) ?? [];
  expect(errorsOf(example!)).toEqual([]);
});
