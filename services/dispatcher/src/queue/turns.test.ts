import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

type Account = { organizationId: string; name: string; left: number };
const account = (organizationId: string, name: string, left: number): Account => ({ organizationId, name, left });

function drain(turns: Turns<Account>): string[] {
  const order: string[] = [];
  for (;;) {
    const next = turns.next(({ left }) => left > 0);
    if (!next) return order;
    next.left -= 1;
    order.push(next.name);
  }
}

test("SND-4: one message is second in line, however long another organization's queue is", () => {
  const turns = new Turns<Account>();
  turns.offer(account("big", "a", 1000));
  turns.offer(account("small", "b", 1));
  expect(drain(turns).indexOf("b")).toBe(1);
});

test("SND-4: an organization's many accounts do not get more turns than another's one", () => {
  const turns = new Turns<Account>();
  for (const name of ["a1", "a2", "a3"]) turns.offer(account("many", name, 2));
  turns.offer(account("one", "b", 3));
  expect(drain(turns)).toEqual(["a1", "b", "a2", "b", "a3", "b", "a1", "a2", "a3"]);
});

test("an account that was offered twice has one turn", () => {
  const turns = new Turns<Account>();
  const only = account("o", "a", 2);
  turns.offer(only);
  turns.offer(only);
  expect(drain(turns)).toEqual(["a", "a"]);
});
