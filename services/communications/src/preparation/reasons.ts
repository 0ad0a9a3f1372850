import type { Reason } from "@cadenza/contracts";
import type { SuppressionCode } from "@cadenza/sending";

const SUPPRESSED: Record<SuppressionCode, string> = {
  UNSUBSCRIBED: "The contact has unsubscribed, or was taken off the list.",
  BOUNCED: "The contact's address does not take mail. Give the contact another one.",
  COMPLAINED: "The contact has marked an earlier message as spam.",
};

/** Why an email is not prepared: what the run's view shows. */
export const REASONS = {
  subjectDeleted: { code: "SUBJECT_DELETED", message: "The lead or the contact does not exist any more." },
  noEmailAddress: { code: "NO_EMAIL_ADDRESS", message: "The contact has no email address. Add one to the contact." },
  senderUnresolved: {
    code: "SENDER_UNRESOLVED",
    message: "The step's sender is no user of this organization. Choose another sender in the step.",
  },
  userDeactivated: {
    code: "USER_DEACTIVATED",
    message: "The sender is deactivated. Choose another sender in the step, or activate the user.",
  },
  noEmailAccount: {
    code: "NO_EMAIL_ACCOUNT",
    message: "The sender has no connected email account. Connect one, then try the step again.",
  },
  sendAsDisabled: {
    code: "SEND_AS_DISABLED",
    message: "The chosen email account belongs to another user, who has not given the sender leave to send from it.",
  },
  templateNotFound: {
    code: "TEMPLATE_NOT_FOUND",
    message: "The step's template does not exist, or is not shared. Choose another one in the step.",
  },
  suppressed: (code: SuppressionCode) => ({ code, message: SUPPRESSED[code] }),
} satisfies Record<string, Reason | ((code: SuppressionCode) => Reason)>;
