import { randomUUID } from "node:crypto";
import { sharedServer } from "./shared-servers.ts";

/** The run's nats-server with JetStream; started by the first call. `NATS_URL` names another to use instead. */
export function startNats(): Promise<{ url: string }> {
  return sharedServer("/nats", "NATS_URL");
}

/** A prefix for the streams and subjects of one test: all tests share one server. Letters and digits only. */
export function streamPrefix(): string {
  return `t${randomUUID().replaceAll("-", "").slice(0, 12)}`;
}
