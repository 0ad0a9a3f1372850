import { createHash } from "node:crypto";

/** Which of `shards` shards an id belongs to, for ever. */
export function shardOf(id: string, shards = 256): number {
  return createHash("md5").update(id).digest().readUInt32LE(0) % shards;
}

/** Shards to give back so that every one of `alive` replicas can hold a fair share. */
export function surplus(held: readonly number[], shards: number, alive: number): number[] {
  return held.slice(fairShare(shards, alive));
}

/** Free leases to take, up to a fair share. Each replica starts at another place, so that two seldom want the same. */
export function wanted<T>(free: readonly T[], heldCount: number, shards: number, alive: number): T[] {
  const missing = Math.max(0, fairShare(shards, alive) - heldCount);
  const offset = free.length > 0 ? Math.floor(Math.random() * free.length) : 0;
  return [...free.slice(offset), ...free.slice(0, offset)].slice(0, missing);
}

function fairShare(shards: number, alive: number): number {
  return Math.ceil(shards / Math.max(1, alive));
}
