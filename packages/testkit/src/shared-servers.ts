/** Address of the run's own small server that starts MongoDB and NATS on demand; set by the global set-up. */
export const SERVERS_VARIABLE = "CADENZA_TEST_SERVERS";

const asked = new Map<string, Promise<{ url: string }>>();

/** One server a run: the first to ask starts it. `variable` names a running server to use instead. */
export function sharedServer(path: "/mongo" | "/nats", variable: "MONGO_URL" | "NATS_URL"): Promise<{ url: string }> {
  const given = process.env[variable];
  if (given) return Promise.resolve({ url: given });
  const pending = asked.get(path) ?? ask(path);
  asked.set(path, pending);
  return pending;
}

async function ask(path: string): Promise<{ url: string }> {
  const servers = process.env[SERVERS_VARIABLE];
  if (!servers) throw new Error(`${SERVERS_VARIABLE} is not set: run the test through vitest.config.ts`);
  const response = await fetch(servers + path);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return { url: text };
}
