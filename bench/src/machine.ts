import { readFile } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";

/** Linux counts CPU time in ticks of 10 ms (sysconf(_SC_CLK_TCK) is 100 on every supported platform). */
const MS_PER_TICK = 10;

/** What a figure was measured on: without it, it means nothing. */
export function machineFacts(): Record<string, string | number> {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
}

/** CPU milliseconds that a process has used, user and system together; 0 where it is gone or the system has no /proc. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (!stat) return 0;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** CPU milliseconds by service; replicas together. */
export async function cpuByService(
  processes: readonly { service: string; pid: number }[],
): Promise<Map<string, number>> {
  const used = await Promise.all(processes.map(async ({ service, pid }) => [service, await cpuMs(pid)] as const));
  const sums = new Map<string, number>();
  for (const [service, ms] of used) sums.set(service, (sums.get(service) ?? 0) + ms);
  return sums;
}
