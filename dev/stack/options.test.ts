import { expect, test } from "vitest";
import { OptionError, readOptions } from "./options.ts";

test("OPS-3: the options of npm start", () => {
  expect(readOptions([])).toEqual({ fresh: false, testClock: false, scale: new Map(), port: null, seed: true });
  const all = ["--fresh", "--test-clock", "--scale", "run-orchestrator=2,dispatcher=3", "--port", "4100", "--no-seed"];
  expect(readOptions(all)).toEqual({
    fresh: true,
    testClock: true,
    scale: new Map([
      ["run-orchestrator", 2],
      ["dispatcher", 3],
    ]),
    port: 4100,
    seed: false,
  });
});

test.each([
  [["--scale", "engine=2"], "no service"],
  [["--scale", "crm=0"], "1 to 16"],
  [["--scale", "crm"], "1 to 16"],
  [["--port", "http"], "--port takes a number"],
  [["--port", "70000"], "--port takes a number"],
  [["--freshly"], "--freshly"],
  [["4100"], "npm start -- --port 4100"],
])("OPS-3: %s is refused with what was expected", (args, message) => {
  expect(() => readOptions(args)).toThrow(OptionError);
  expect(() => readOptions(args)).toThrow(message);
});
