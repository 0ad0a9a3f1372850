import type { EmailAccountDocument, MailEnvelope } from "@cadenza/sending";

/** One attempt to hand a message over. */
export type Attempt = {
  account: EmailAccountDocument;
  /** The stored message: the same bytes on every attempt (SND-2). */
  raw: Uint8Array;
  envelope: MailEnvelope;
  /** The idempotency key for the life of the message. */
  messageIdHeader: string;
  /** Asked right before the first byte of the message leaves; false keeps it here. */
  mayStart: () => boolean;
};

/** What became of an attempt (SND-3). `text` is the provider's own, for a person. */
export type Answer =
  | { kind: "accepted"; providerMessageId: string }
  /** Refused for good. ADDRESS: the recipient's address is at fault (EML-8). */
  | { kind: "refused"; fault: "ADDRESS" | "MESSAGE"; text: string }
  /** Refused for now. ACCOUNT: no message of this account would fare better; CREDENTIALS: nor will any until a person acts. */
  | { kind: "deferred"; scope: "MESSAGE" | "ACCOUNT" | "CREDENTIALS"; text: string }
  /** It may have been accepted. */
  | { kind: "unknown"; text: string }
  /** `mayStart` said no: the provider has seen nothing of the message. */
  | { kind: "notStarted" };

/** A way to send. Times out by itself; never sends the same attempt twice. */
export interface Provider {
  /** Resolves with the provider's id of the accepted message. @throws what `classify` understands. */
  send(attempt: Attempt): Promise<string>;
  /** What a thrown error means for the message. */
  classify(error: unknown): Answer;
  /** Asks what became of an attempt whose outcome is unknown; absent where the provider cannot be asked. */
  lookup?(attempt: Pick<Attempt, "account" | "messageIdHeader">): Promise<Answer | null>;
  /** Ends idle connections at once; those in use when they are free. */
  close(): void;
}
