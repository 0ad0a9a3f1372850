import { createServer } from "node:net";

/**
 * Below what Linux (32768 and up) and macOS (49152 and up) give to outgoing connections: a port from there may be gone
 * by the time its server starts or starts again. Above 10080, the highest port that `fetch` refuses to speak to (the Fetch
 * standard's "bad ports"): a service there would run and never be found ready.
 */
export const [LOWEST, HIGHEST] = [10_081, 30_000] as const;

/** True when nobody listens on the port of 127.0.0.1, nor on that port of every interface. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port of 127.0.0.1 that is free at this moment, drawn at random so that two who ask at once differ. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isPortFree(port)) return port;
  }
}
