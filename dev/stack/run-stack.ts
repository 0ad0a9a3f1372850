import { mkdirSync, rmSync } from "node:fs";
import { seedDemo } from "../seed/seed-demo.ts";
import { devFile, type Endpoints, writeDevFile } from "./dev-file.ts";
import { startServers } from "./embedded-servers.ts";
import { inheritedEnvironment } from "./environment.ts";
import type { StackFolders } from "./folders.ts";
import { StackLock } from "./lock.ts";
import type { StackOptions } from "./options.ts";
import { bootstrapOrganizations } from "./organizations.ts";
import { gatewayPort, Ports } from "./ports.ts";
import type { Progress } from "./progress.ts";
import { stackSecrets } from "./secrets.ts";
import { gatewaySpec, nodeProcess, serviceSpecs } from "./service-specs.ts";
import type { ProcessSpec, SupervisedProcess } from "./supervised-process.ts";
import { summary } from "./summary.ts";
import { Supervisor } from "./supervisor.ts";

const READY_TIMEOUT_MS = 60_000;

export interface RunningStack {
  /** Resolves once the stack is ready and its dev.json is written; throws when it cannot be. */
  readonly ready: Promise<void>;
  /** Ends every process in order and gives the folder free. Idempotent, at any time. */
  stop(): Promise<void>;
}

/** Starts the local stack in a folder that no other stack runs in. */
export function runStack(options: StackOptions, folders: StackFolders, progress: Progress): RunningStack {
  mkdirSync(folders.home, { recursive: true });
  const lock = StackLock.acquire(folders.lockFile, folders.home, "start.ts");
  let publish: ((processes: readonly SupervisedProcess[]) => void) | null = null;
  const supervisor = new Supervisor({
    say: (line) => progress.say(line),
    changed: (processes) => {
      lock.record(
        processes.flatMap(({ pid, spec }) => (pid === null ? [] : [{ pid, mark: spec.args[0] ?? spec.command }])),
      );
      publish?.(processes);
    },
  });

  const stop = async (): Promise<void> => {
    await supervisor.stop();
    rmSync(folders.devFile, { force: true });
    lock.release();
  };
  const ready = bringUp(options, folders, progress, supervisor).then(({ dev, report }) => {
    publish = (processes) => writeDevFile(folders.devFile, dev, processes);
    publish(supervisor.processes);
    report();
  });
  return { ready, stop };
}

async function bringUp(options: StackOptions, folders: StackFolders, progress: Progress, supervisor: Supervisor) {
  rmSync(folders.devFile, { force: true });
  if (options.fresh) {
    rmSync(folders.data, { recursive: true, force: true });
    progress.say("the data of earlier starts is deleted");
  }
  for (const folder of [folders.data, folders.logs]) mkdirSync(folder, { recursive: true });

  const held = await gatewayPort(options.port, (line) => progress.say(line));
  const env = inheritedEnvironment(folders);
  const ports = new Ports(folders.data);
  const secrets = stackSecrets(folders.data);
  const organizations = bootstrapOrganizations(folders.data);

  const endpoints: Endpoints = {
    gatewayPort: held.port,
    mailboxPort: await ports.take("mailbox"),
    smtpPort: await ports.take("mailbox-smtp"),
    telephonyPort: await ports.take("telephony"),
  };
  const outside = outsideWorld(endpoints, folders, env).map((spec) => supervisor.start("servers", spec));
  const servers = await startServers({ folders, ports, supervisor, progress, env });

  const context = { folders, options, ports, secrets, organizations, env, ...servers };
  const specs = await serviceSpecs(context);
  progress.say(`starting ${specs.length} services`);
  const started = specs.map((spec) => supervisor.start("services", spec));
  const gateway = await gatewaySpec(context, specs, held.port);
  await held.release();
  if (gateway) started.push(supervisor.start("gateway", gateway));
  else progress.say("there is no gateway program; the subgraphs run without one");
  await allReady([...outside, ...started], progress);

  const dev = await devFile(endpoints, organizations.organizations, secrets.jwt);
  if (options.seed && gateway) await seedDemo(dev, (line) => progress.say(line));
  const report = (): void => {
    progress.say("ready");
    progress.print(summary(dev, supervisor.processes, folders));
  };
  return { dev, report };
}

/** What stands for the world outside: where mail arrives, and the telephony provider. */
function outsideWorld(endpoints: Endpoints, folders: StackFolders, env: Record<string, string>): ProcessSpec[] {
  const { mailboxPort, smtpPort, telephonyPort } = endpoints;
  return [
    nodeProcess({ service: "mailbox", main: "dev/mailbox/main.ts", port: mailboxPort, metrics: false }, folders, {
      ...env,
      SMTP_PORT: String(smtpPort),
      MAILBOX_DIR: `${folders.data}/mailbox`,
    }),
    nodeProcess(
      { service: "telephony", main: "dev/telephony/main.ts", port: telephonyPort, metrics: false },
      folders,
      env,
    ),
  ];
}

async function allReady(processes: readonly SupervisedProcess[], progress: Progress): Promise<void> {
  await Promise.all(
    processes.map(async (child) => {
      await child.awaitReady(READY_TIMEOUT_MS);
      progress.say(`${child.name} is ready`);
    }),
  );
}
