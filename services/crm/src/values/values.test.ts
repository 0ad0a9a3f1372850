import { expect, test } from "vitest";
import { readEmailAddresses } from "./email-address.ts";
import { readPhoneNumbers } from "./phone-number.ts";
import type { Problem } from "./problem.ts";
import { searchCondition, searchTerms } from "./search-terms.ts";
import { readName } from "./text.ts";

test.each([
  ["ada@acme.test", true],
  ["Ada.Lovelace+x@sub.acme.test", true],
  ["ada@bücher.test", true],
  ["ada", false],
  ["ada@", false],
  ["@acme.test", false],
  ["ada lovelace@acme.test", false],
  ["ada@acme..test", false],
  ["ada@-acme.test", false],
  ["ada@acme.test\r\nBcc: eve@acme.test", false],
  [`${"a".repeat(320)}@acme.test`, false],
])("API-5: %j is an address: %s", (text, isAddress) => {
  const problems: Problem[] = [];
  readEmailAddresses([text], ["emails"], problems);
  expect(problems.length === 0).toBe(isAddress);
});

test("CRM-2: addresses are kept as given, each once whatever its case", () => {
  const problems: Problem[] = [];
  expect(readEmailAddresses(["Ada@Acme.test", "ada@acme.TEST", "b@acme.test"], [], problems)).toEqual([
    "Ada@Acme.test",
    "b@acme.test",
  ]);
});

test.each([
  ["030 901820", "DE", "+4930901820", "DE"],
  ["+1 415 555 2671", "DE", "+14155552671", "US"],
  ["(415) 555-2671", "US", "+14155552671", "US"],
  ["0044 20 7946 0958", "DE", "+442079460958", "GB"],
])("CRM-2: %j in %s is %s of %s", (text, country, number, itsCountry) => {
  expect(readPhoneNumbers([text], country, [], [])).toEqual([{ number, country: itsCountry }]);
});

test.each(["12", "call me", "+49", "+999 123456", "030 901820 ext. 5", "1".repeat(60)])(
  "CRM-2: %j is not a possible number",
  (text) => {
    const problems: Problem[] = [];
    expect(readPhoneNumbers(["030 901820", text], "DE", ["input", "phones"], problems).length).toBe(1);
    expect(problems).toMatchObject([{ code: "INVALID_PHONE", path: ["input", "phones", "1"] }]);
  },
);

test.each(["", "  ", "a\nb", "a\u2028b", "x".repeat(201), "\ud800"])("API-5: %j is not a name", (text) => {
  const problems: Problem[] = [];
  readName(text, ["name"], problems);
  expect(problems.length).toBe(1);
});

const terms = searchTerms({ names: ["Müller & Söhne GmbH"], emails: ["Ada.L@Acme.test"], phones: ["+4930901820"] });
const isFound = (search: string) => {
  const condition = searchCondition("terms", search);
  return condition?.$and.every(({ terms: pattern }) => terms.some((term) => pattern!.test(term))) ?? null;
};

test.each([
  ["mull", true],
  ["MÜLLER söh", true],
  ["ada.l@acme", true],
  ["acme.test", true],
  ["030 9018", true],
  ["+49 30 9018", true],
  ["9018", false],
  ["muller eve", false],
  [".*", null],
  ["", null],
])("a search for %j finds it: %s", (search, found) => {
  expect(isFound(search)).toBe(found);
});
