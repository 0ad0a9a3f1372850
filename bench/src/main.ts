import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Stack } from "@cadenza/e2e";
import { durableSteps } from "./durable-steps.ts";
import { idleLatency } from "./idle-latency.ts";
import { machineFacts } from "./machine.ts";

const { values } = parseArgs({
  options: {
    /** Runs of PERF-1. */
    runs: { type: "string", default: "20000" },
    /** Samples of PERF-3, of each kind. */
    samples: { type: "string", default: "200" },
    /** Replicas, as `npm start --scale` takes them. */
    scale: { type: "string" },
    out: { type: "string", default: ".cadenza/bench.json" },
  },
});

process.stdout.write("Starting a stack of its own …\n");
const stack = await Stack.start(["--no-seed", ...(values.scale ? ["--scale", values.scale] : [])]);
try {
  process.stdout.write("PERF-3: idle latency …\n");
  const latency = await idleLatency(stack, { samples: Number(values.samples) });
  process.stdout.write(`PERF-1: ${values.runs} runs of eight steps …\n`);
  const steps = await durableSteps(stack, { runs: Number(values.runs) });
  const result = { at: new Date().toISOString(), machine: machineFacts(), perf1: steps, perf3: latency };
  await mkdir(new URL("../../.cadenza/", import.meta.url), { recursive: true });
  await writeFile(values.out, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(
    `${Object.entries(result.machine)
      .map(([name, value]) => `${name}: ${value}`)
      .join(", ")}\n`,
  );
  console.table([
    {
      rule: "PERF-1",
      what: "durable steps a second",
      measured: Math.round(steps.stepsPerSecond),
      goal: ">= 5000 (3000 for now)",
    },
    {
      rule: "PERF-1",
      what: "seconds in all / to enroll",
      measured: `${steps.seconds.toFixed(1)} / ${steps.enrollSeconds.toFixed(1)}`,
      goal: "",
    },
    {
      rule: "PERF-3",
      what: "enroll to step's end, ms p50 / p99",
      measured: `${latency.enrollToStepEndedMs.p50} / ${latency.enrollToStepEndedMs.p99}`,
      goal: "<= 25 / 100",
    },
    {
      rule: "PERF-3",
      what: "change to run's start, ms p50 / p99",
      measured: `${latency.changeToRunStartedMs.p50} / ${latency.changeToRunStartedMs.p99}`,
      goal: "- / 100",
    },
  ]);
  process.stdout.write("CPU microseconds a step, by process (PERF-1):\n");
  console.table(steps.cpuMicrosPerStep);
  process.stdout.write(`Written to ${values.out}\n`);
} finally {
  await stack.stop();
}
