import type { Committer } from "@cadenza/messaging";
import type { Head } from "../queue/queue-store.ts";
import { tellHold } from "./hold-notice.ts";
import type { SendingStore } from "./sending-store.ts";
import { tellFate } from "./step-ended.ts";

/**
 * Puts messages back to QUEUED whose claim was committed without this process learning of it. A shard and a lease epoch name
 * one process: what is SENDING under its own epoch, and not under way in it, has not begun to leave.
 */
export async function putBackUnstarted(
  options: { committer: Committer; store: SendingStore },
  claims: readonly { head: Head; epoch: number }[],
): Promise<void> {
  const { committer, store } = options;
  if (claims.length === 0) return;
  await committer.commit(async (unit) => {
    const now = committer.clock.now();
    const messages = await store.messages(
      claims.map(({ head }) => head._id),
      unit.session,
    );
    const own = claims
      .map(({ head, epoch }) => ({ message: messages.get(head._id), epoch }))
      .filter(({ message, epoch }) => message?.status === "SENDING" && message.sendingEpoch === epoch)
      .map(({ message }) => message!);
    const back = { status: "QUEUED", sendingSince: null, sendingEpoch: null } as const;
    await store.write(
      own.map((message) => {
        const set = { ...back, attempts: message.attempts - 1, ...tellHold(unit, message, null, now) };
        return { message, set };
      }),
      now,
      unit.session,
    );
    for (const message of own) tellFate(unit, message, null, now);
  });
}
