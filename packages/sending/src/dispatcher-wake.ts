/**
 * Core-NATS subject that wakes dispatchers after something was queued or an account changed; its text is the shards concerned,
 * as decimal numbers joined by commas. Lost, it costs a second: dispatchers also look by themselves.
 */
export const DISPATCHER_WAKE = "wake.dispatcher";

export function wakeText(shards: Iterable<number>): string {
  return [...new Set(shards)].join(",");
}

export function shardsOfWake(text: string): number[] {
  return text
    .split(",")
    .filter((part) => part !== "")
    .map(Number)
    .filter(Number.isInteger);
}
