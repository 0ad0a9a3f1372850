import { AddressNotAllowedError } from "@cadenza/sending";
import { expect, test } from "vitest";
import { NotStarted, SmtpFailure, type SmtpPhase } from "./smtp-failure.ts";
import { classifySmtp } from "./smtp-outcomes.ts";

const replies: [SmtpPhase, string | null, string][] = [
  ["RECIPIENT", "550 no such user", "refused ADDRESS"],
  ["RECIPIENT", "550 5.1.1 no such user", "refused ADDRESS"],
  ["BODY", "550 5.1.1 no such user", "refused ADDRESS"],
  ["RECIPIENT", "550 5.7.1 blocked by policy", "refused MESSAGE"],
  ["RECIPIENT", "553 5.1.8 bad sender domain", "refused MESSAGE"],
  ["SENDER", "550 sender refused", "refused MESSAGE"],
  ["SENDER", "550 5.1.0 sender refused", "refused MESSAGE"],
  ["BODY", "554 5.6.0 content refused", "refused MESSAGE"],
  ["BODY", "550 content refused", "refused MESSAGE"],
  ["RECIPIENT", "552 5.2.2 mailbox full", "refused MESSAGE"],
  ["RECIPIENT", "450 4.2.0 greylisted", "deferred MESSAGE"],
  ["BODY", "451 try later", "deferred MESSAGE"],
  ["RECIPIENT", "421 closing", "deferred ACCOUNT"],
  ["CONNECT", "554 go away", "deferred ACCOUNT"],
  ["CONNECT", null, "deferred ACCOUNT"],
  ["DATA", null, "deferred ACCOUNT"],
  ["SIGN_IN", "535 5.7.8 bad password", "deferred CREDENTIALS"],
  ["SIGN_IN", null, "deferred CREDENTIALS"],
  ["SIGN_IN", "454 4.7.0 temporary", "deferred ACCOUNT"],
  ["SENDER", "530 5.7.0 sign in first", "deferred CREDENTIALS"],
  ["BODY", null, "unknown "],
  ["BODY", "garbage", "unknown "],
];
test.each(replies)("SND-3: at %s the reply %s means %s", (phase, reply, expected) => {
  const answer = classifySmtp(new SmtpFailure(phase, reply, new Error("gone")));
  const detail = "fault" in answer ? answer.fault : "scope" in answer ? answer.scope : "";
  expect(`${answer.kind} ${detail}`).toBe(expected);
});

test("SND-3: what never began is not a failure of the message", () => {
  expect(classifySmtp(new NotStarted())).toEqual({ kind: "notStarted" });
});

test("REL-9: a host that is not allowed fails the message for good", () => {
  expect(classifySmtp(new AddressNotAllowedError())).toMatchObject({ kind: "refused", fault: "MESSAGE" });
});
