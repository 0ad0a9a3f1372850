import { expect, test } from "vitest";
import { freePort, HIGHEST, LOWEST } from "./free-port.ts";

/** The Fetch standard's bad ports above 5000 (fetch.spec.whatwg.org, "port blocking"). */
const REFUSED_BY_FETCH = [5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080];

test("OPS-1: no port is given out that fetch refuses to speak to", async () => {
  const refusal: unknown = await fetch(`http://127.0.0.1:${REFUSED_BY_FETCH.at(-1)}`).catch(
    (error: Error) => error.cause,
  );
  expect(String(refusal)).toContain("bad port");
  expect(REFUSED_BY_FETCH.filter((port) => port >= LOWEST && port <= HIGHEST)).toEqual([]);
  expect(await freePort()).toBeGreaterThanOrEqual(LOWEST);
});
