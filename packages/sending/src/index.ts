export { DISPATCHER_WAKE, shardsOfWake, wakeText } from "./dispatcher-wake.ts";
export {
  ACCOUNT_STATUSES,
  type AccountStatus,
  CONNECTION_SECURITIES,
  type ConnectionSecurity,
  DEFAULT_LIMITS,
  EMAIL_ACCOUNT_ADDRESS_INDEX,
  EMAIL_ACCOUNTS_COLLECTION,
  type EmailAccountDocument,
  type SendingLimits,
  type ServerSettings,
} from "./email-account.ts";
export {
  type Channel,
  CHANNELS,
  type MailEnvelope,
  MESSAGE_STATUSES,
  MESSAGE_STEP_INDEX,
  type MessageDocument,
  MESSAGES_COLLECTION,
  type MessageStatus,
  type MessageStep,
  OPEN_MESSAGE_STATUSES,
  TOLD_HOLDS_INDEX,
} from "./message.ts";
export { messageStepResult } from "./message-step-result.ts";
export { AddressNotAllowedError, resolvePublicAddress } from "./resolve-public-address.ts";
export { type SealedSecret, SecretBox, SecretError } from "./secret-box.ts";
export { deriveKey, parseSecretKeys, type SecretKeys } from "./secret-keys.ts";
export { SENDING_INDEXES } from "./sending-indexes.ts";
export { domainOf, sendingShard } from "./sending-shard.ts";
export {
  addressKey,
  SUPPRESSION_ADDRESS_INDEX,
  SUPPRESSION_CODES,
  type SuppressionCode,
  type SuppressionDocument,
  suppressionOf,
  SUPPRESSIONS_COLLECTION,
} from "./suppression.ts";
