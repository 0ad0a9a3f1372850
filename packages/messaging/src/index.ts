export { Bus, connectBus, type CoreSubscription } from "./bus.ts";
export { Committer, type CommitterOptions, createCommitter } from "./committer.ts";
export { type Consumer, consume, type ConsumeOptions } from "./consume.ts";
export {
  type CommandKind,
  consumeCommands,
  type ConsumeCommandsOptions,
  type EffectContext,
} from "./consume-commands.ts";
export { consumeMerges, type ConsumeMergesOptions } from "./consume-merges.ts";
export type { DeadLetter } from "./dead-letters.ts";
export { type Envelope, MAX_ITEMS, type OutboxMessage } from "./envelope.ts";
export { ensureStreams, StreamSetupError } from "./streams.ts";
export { followTestClock, moveTestClock } from "./test-clock.ts";
export { type SubjectMoves, subjectUpdates } from "./merged-subjects.ts";
export type { UnitOfWork } from "./unit-of-work.ts";
