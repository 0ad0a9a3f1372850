export { GraphClient } from "./graph-client.ts";
export { Stack } from "./stack.ts";
export { subscribe } from "./subscription.ts";
export { until } from "./until.ts";
export * from "./world.ts";
