import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { SecretBox, SecretError } from "./secret-box.ts";
import { parseSecretKeys } from "./secret-keys.ts";

const key = (id: string) => ({ id, key: randomBytes(32) });

it("REL-8: a secret opens only with its key and for its own record", () => {
  const first = key("a");
  const box = new SecretBox([first]);
  const sealed = box.seal("hunter2", "account-1");
  expect(JSON.stringify(sealed)).not.toContain("hunter2");
  expect(box.open(sealed, "account-1")).toBe("hunter2");
  expect(() => box.open(sealed, "account-2")).toThrow(SecretError);
  expect(() => new SecretBox([{ ...key("a") }]).open(sealed, "account-1")).toThrow(SecretError);
  expect(() => new SecretBox([key("b")]).open(sealed, "account-1")).toThrow('"a"');
  const changed = { ...sealed, ciphertext: Buffer.from(sealed.ciphertext, "base64").reverse().toString("base64") };
  expect(() => box.open(changed, "account-1")).toThrow(SecretError);
});

it("REL-8: a secret moves to a new key, and the old one can go", () => {
  const [first, second] = [key("a"), key("b")];
  const sealed = new SecretBox([first]).seal("hunter2", "x");
  const both = new SecretBox([second, first]);
  expect(both.isCurrent(sealed)).toBe(false);
  const moved = both.rotate(sealed, "x");
  expect(both.isCurrent(moved)).toBe(true);
  expect(new SecretBox([second]).open(moved, "x")).toBe("hunter2");
});

it("REL-8: keys are read in order, and a wrong one is refused without being shown", () => {
  const [a, b] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
  expect(parseSecretKeys(`n:${a}, o:${b}`).map(({ id }) => id)).toEqual(["n", "o"]);
  expect(parseSecretKeys(a)[0]?.id).toBe("1");
  expect(() => parseSecretKeys("n:c2hvcnQ=")).toThrow(/32 bytes/);
  expect(() => parseSecretKeys(`n:${a},n:${b}`)).toThrow(/id of its own/);
});
