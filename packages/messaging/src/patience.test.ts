import { ServiceUnavailableError } from "@cadenza/platform";
import { expect, test } from "vitest";
import { isHandedBack, isTriedAgain } from "./patience.ts";

const away = new ServiceUnavailableError("A part of Cadenza");
const broken = new Error("broken");

test("REL-6: an item that fails by itself is given up after six deliveries", () => {
  expect([isTriedAgain(5, [broken]), isTriedAgain(6, [broken])]).toEqual([true, false]);
  expect([isTriedAgain(5, [away, broken]), isTriedAgain(6, [away, broken])]).toEqual([true, false]);
});

test("REL-4: while another service is away items are tried for minutes, and at last given up", () => {
  expect([isTriedAgain(119, [away, away]), isTriedAgain(120, [away, away])]).toEqual([true, false]);
});

test("REL-6: an item that takes another service too long does not hold up the others of its envelope for ever", () => {
  expect([isHandedBack(5, away), isHandedBack(6, away), isHandedBack(1, broken)]).toEqual([true, false, false]);
});
