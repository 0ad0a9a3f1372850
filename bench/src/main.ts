import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { Stack } from "@cadenza/e2e";
import { durableSteps } from "./durable-steps.ts";
import { idleLatency } from "./idle-latency.ts";
import { ingest } from "./ingest.ts";
import { machineFacts } from "./machine.ts";
import { retime } from "./retime.ts";

const { values } = parseArgs({
  options: {
    /** Rules to measure, such as `PERF-1,PERF-3`; all by default. */
    only: { type: "string" },
    /** Runs of PERF-1. */
    runs: { type: "string", default: "20000" },
    /** Samples of PERF-3, of each kind. */
    samples: { type: "string", default: "200" },
    /** Runs of PERF-5, and contacts of PERF-6's bulk enrolment. */
    pending: { type: "string", default: "100000" },
    /** Rows of the import of PERF-6: two events each. */
    rows: { type: "string", default: "20000" },
    /** Replicas, as `npm start --scale` takes them. */
    scale: { type: "string" },
    out: { type: "string", default: ".cadenza/bench.json" },
  },
});

type Line = { rule: string; what: string; measured: string; goal: string };
type Measured = { facts: object; lines: Line[] };
type Measurement = { rules: string[]; what: string; measure: (stack: Stack) => Promise<Measured> };

const lineOf = (rule: string, what: string, measured: string | number, goal = ""): Line => ({
  rule,
  what,
  measured: String(measured),
  goal,
});

/** In this order, on one stack. */
const MEASUREMENTS: Measurement[] = [
  {
    rules: ["PERF-3"],
    what: "idle latency",
    measure: async (stack) => {
      const perf3 = await idleLatency(stack, { samples: Number(values.samples) });
      const { enrollToStepEndedMs: enroll, changeToRunStartedMs: change } = perf3;
      return {
        facts: { perf3 },
        lines: [
          lineOf("PERF-3", "enroll to step's end, ms p50 / p99", `${enroll.p50} / ${enroll.p99}`, "<= 25 / 100"),
          lineOf("PERF-3", "change to run's start, ms p50 / p99", `${change.p50} / ${change.p99}`, "- / 100"),
        ],
      };
    },
  },
  {
    rules: ["PERF-1"],
    what: `${values.runs} runs of eight steps`,
    measure: async (stack) => {
      const perf1 = await durableSteps(stack, { runs: Number(values.runs) });
      process.stdout.write("CPU microseconds a step, by process (PERF-1):\n");
      console.table(perf1.cpuMicrosPerStep);
      const seconds = `${perf1.seconds.toFixed(1)} / ${perf1.enrollSeconds.toFixed(1)}`;
      return {
        facts: { perf1 },
        lines: [
          lineOf("PERF-1", "durable steps a second", Math.round(perf1.stepsPerSecond), ">= 5000 (3000 for now)"),
          lineOf("PERF-1", "seconds in all / to enroll", seconds),
        ],
      };
    },
  },
  {
    rules: ["PERF-6"],
    what: `an import of ${values.rows} rows against 50 event workflows`,
    measure: async (stack) => {
      const perf6 = await ingest(stack, { rows: Number(values.rows) });
      const seconds = `${perf6.seconds.toFixed(1)} / ${perf6.importSeconds.toFixed(1)}`;
      return {
        facts: { perf6 },
        lines: [
          lineOf("PERF-6", "CRM events a second, 50 workflows", Math.round(perf6.eventsPerSecond), ">= 2000"),
          lineOf("PERF-6", "seconds to the last start / of the import itself", seconds),
        ],
      };
    },
  },
  {
    rules: ["PERF-5", "PERF-6"],
    what: `a longer delay for ${values.pending} pending runs`,
    measure: async (stack) => {
      const perf5 = await retime(stack, { runs: Number(values.pending) });
      return {
        facts: { perf5 },
        lines: [
          lineOf(
            "PERF-6",
            `seconds to enroll ${perf5.runs} contacts`,
            perf5.enrollSeconds.toFixed(1),
            "<= 30 of 100,000",
          ),
          lineOf("PERF-5", "the edit itself, ms", Math.round(perf5.mutationMs)),
          lineOf("PERF-5", "seconds until no old time is shown", perf5.oldShownSeconds.toFixed(1), "<= 10"),
          lineOf("PERF-5", "seconds until all were read once", perf5.allReadSeconds.toFixed(1)),
          lineOf("PERF-5", "runs that acted on the old delay", perf5.actedOnOldDelay, "0"),
        ],
      };
    },
  },
];

const only = values.only?.split(",");
const chosen = MEASUREMENTS.filter(({ rules }) => !only || rules.some((rule) => only.includes(rule)));
if (chosen.length === 0) throw new Error(`Nothing measures ${values.only}.`);
process.stdout.write("Starting a stack of its own …\n");
const stack = await Stack.start(["--no-seed", ...(values.scale ? ["--scale", values.scale] : [])]);
try {
  const lines: Line[] = [];
  const result: Record<string, unknown> = { at: new Date().toISOString(), machine: machineFacts() };
  for (const { rules, what, measure } of chosen) {
    process.stdout.write(`${rules.join(", ")}: ${what} …\n`);
    const measured = await measure(stack);
    lines.push(...measured.lines);
    Object.assign(result, measured.facts);
  }
  await mkdir(dirname(values.out), { recursive: true });
  await writeFile(values.out, `${JSON.stringify(result, null, 2)}\n`);
  const machine = Object.entries(machineFacts()).map(([name, value]) => `${name}: ${value}`);
  process.stdout.write(`${machine.join(", ")}\n`);
  console.table(lines);
  process.stdout.write(`Written to ${values.out}\n`);
} finally {
  await stack.stop();
}
