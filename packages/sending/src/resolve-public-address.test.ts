import { expect, test } from "vitest";
import { AddressNotAllowedError, resolvePublicAddress } from "./resolve-public-address.ts";

test.each([
  "127.0.0.1",
  "localhost",
  "10.1.2.3",
  "192.168.0.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "::1",
  "[::1]",
  "fe80::1",
  "fd00::1",
  "::ffff:10.0.0.1",
  "64:ff9b::a00:1",
])("REL-9: %s is refused unless the deployment allows it", async (host) => {
  await expect(resolvePublicAddress(host, { allowPrivate: false })).rejects.toThrow(AddressNotAllowedError);
  expect(await resolvePublicAddress(host, { allowPrivate: true })).not.toBe("");
});

test("REL-9: a public address passes as it is", async () => {
  expect(await resolvePublicAddress("93.184.216.34", { allowPrivate: false })).toBe("93.184.216.34");
  expect(await resolvePublicAddress("2606:2800:220:1::1", { allowPrivate: false })).toBe("2606:2800:220:1::1");
});
