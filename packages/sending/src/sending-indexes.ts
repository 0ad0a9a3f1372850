import type { IndexDefinition } from "@cadenza/storage";
import { EMAIL_ACCOUNT_INDEXES } from "./email-account.ts";
import { MESSAGE_INDEXES } from "./message.ts";
import { SUPPRESSION_INDEXES } from "./suppression.ts";

/** Both processes may create them at their start; doing it twice changes nothing. */
export const SENDING_INDEXES: IndexDefinition[] = [
  ...MESSAGE_INDEXES,
  ...EMAIL_ACCOUNT_INDEXES,
  ...SUPPRESSION_INDEXES,
];
