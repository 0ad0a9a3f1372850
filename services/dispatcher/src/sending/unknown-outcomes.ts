import type { Committer } from "@cadenza/messaging";
import type { ShardLeases } from "@cadenza/storage";
import type { Head } from "../queue/queue-store.ts";
import type { SendingStore } from "./sending-store.ts";
import { tellFate } from "./step-ended.ts";

export const UNKNOWN_OUTCOME = {
  code: "UNKNOWN_OUTCOME",
  message: "The mail server may or may not have taken this message. Look in the sent mail, then resolve the message.",
};

/**
 * Gives up on learning what became of messages: they are UNKNOWN_OUTCOME from here on, are never sent again, and stop their
 * runs for a person to decide (SND-3). Answers which of `overdue` it was so for.
 */
export function markUnknown(
  options: { committer: Committer; store: SendingStore; leases: ShardLeases },
  overdue: readonly Head[],
  sentBefore: Date,
): Promise<Head[]> {
  const { committer, store, leases } = options;
  return committer.commit(async (unit) => {
    const now = committer.clock.now();
    const held = await leases.verify(
      overdue.map(({ shard }) => shard),
      unit.session,
    );
    const messages = await store.messages(
      overdue.map(({ _id }) => _id),
      unit.session,
    );
    const marked = overdue.filter(({ _id, shard }) => {
      const message = messages.get(_id);
      return (
        held.has(shard) &&
        message?.status === "SENDING" &&
        message.sendingSince !== null &&
        message.sendingSince <= sentBefore
      );
    });
    const own = marked.map(({ _id }) => messages.get(_id)!);
    await store.write(
      own.map((message) => ({ message, set: { status: "UNKNOWN_OUTCOME" as const, reason: UNKNOWN_OUTCOME } })),
      now,
      unit.session,
    );
    for (const message of own) tellFate(unit, message, { outcome: "ERROR", reason: UNKNOWN_OUTCOME }, now);
    return marked;
  });
}
