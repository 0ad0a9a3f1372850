import { parseArgs } from "node:util";

/** Services that may run more than once. */
export const SERVICES = [
  "crm",
  "workflow-definition",
  "run-orchestrator",
  "communications",
  "dispatcher",
  "tasks",
] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface StackOptions {
  /** Deletes the data of earlier starts first. */
  readonly fresh: boolean;
  /** Makes the clock movable (OPS-3). */
  readonly testClock: boolean;
  /** Replicas of each service; 1 where nothing is said. */
  readonly scale: ReadonlyMap<ServiceName, number>;
  /** The gateway's port; null takes 4000, or the next free one. */
  readonly port: number | null;
  readonly seed: boolean;
}

export const USAGE = `npm start -- [--fresh] [--test-clock] [--scale run-orchestrator=2,dispatcher=3] [--port 4000] [--no-seed]

  --fresh        delete the local data and begin anew
  --test-clock   the clock can be moved forward: testClock, advanceTestClock
  --scale a=2    start that many replicas of a service: ${SERVICES.join(", ")}
  --port N       port of the gateway (default 4000, or the next free one)
  --no-seed      two organizations with their users, and nothing else`;

/** An option that cannot be followed; the message says what was expected. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

export function readOptions(args: readonly string[]): StackOptions {
  const { values, positionals } = parse(args);
  if (positionals.length > 0) {
    // What npm leaves over when it has taken an option for one of its own: `npm start --port 4100`.
    throw new OptionError(`"${positionals[0]}" stands alone; options go behind --, as in: npm start -- --port 4100`);
  }
  return {
    fresh: values.fresh ?? false,
    testClock: values["test-clock"] ?? false,
    scale: readScale(values.scale ?? []),
    port: values.port === undefined ? null : readPort(values.port),
    seed: !(values["no-seed"] ?? false),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        fresh: { type: "boolean" },
        "test-clock": { type: "boolean" },
        scale: { type: "string", multiple: true },
        port: { type: "string" },
        "no-seed": { type: "boolean" },
      },
    });
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new OptionError(`--port takes a number from 1 to 65535, not "${text}"`);
}

function readScale(texts: readonly string[]): Map<ServiceName, number> {
  const parts = texts.flatMap((text) => text.split(",")).filter(Boolean);
  return new Map(
    parts.map((part): [ServiceName, number] => {
      const [name, count] = part.split("=");
      const service = SERVICES.find((candidate) => candidate === name);
      if (!service) throw new OptionError(`--scale knows no service "${name}"; there are ${SERVICES.join(", ")}`);
      const replicas = Number(count);
      if (!Number.isInteger(replicas) || replicas < 1 || replicas > 16) {
        throw new OptionError(`--scale takes 1 to 16 replicas, as in ${service}=2, not "${part}"`);
      }
      return [service, replicas];
    }),
  );
}
