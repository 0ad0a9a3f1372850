import { DEFAULT_LIMITS, type EmailAccountDocument } from "@cadenza/sending";
import { expect, it } from "vitest";
import { chooseAccount, type SendingCount } from "./choose-account.ts";

const account = (id: string, values: Partial<EmailAccountDocument> = {}): EmailAccountDocument => ({
  _id: id,
  organizationId: "O",
  version: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  ownerId: "U",
  address: "a@b.c",
  addressKey: "a@b.c",
  displayName: null,
  status: "CONNECTED",
  statusReason: null,
  default: false,
  sendAsUserIds: [],
  limits: DEFAULT_LIMITS,
  shard: 0,
  smtp: { host: "h", port: 25, security: "NONE", username: null, secret: null },
  ...values,
});
const none: SendingCount = { lastHour: 0, last24Hours: 0, queued: 0 };
const choose = (
  chosen: EmailAccountDocument[],
  own: EmailAccountDocument[],
  counts: Record<string, SendingCount> = {},
) => {
  const choice = chooseAccount({ senderId: "U", chosen, own, countOf: (id) => counts[id] ?? none });
  return "_id" in choice ? choice._id : choice.code;
};

it("EML-3: a chosen account that is no longer usable gives way to the default", () => {
  const paused = account("A", { status: "PAUSED" });
  expect(choose([paused], [paused, account("B"), account("C", { default: true })])).toBe("C");
});

it("EML-3: of a user's accounts the one with the most limit left is taken, counting what waits", () => {
  const own = [account("A"), account("B"), account("C")];
  expect(
    choose([], own, { A: { ...none, lastHour: 50 }, B: { ...none, queued: 10 }, C: { ...none, last24Hours: 1900 } }),
  ).toBe("B");
  expect(
    choose([], [account("A"), account("B", { limits: { ...DEFAULT_LIMITS, perHour: null, per24Hours: null } })]),
  ).toBe("B");
});

it("EML-2: a paused or disconnected default is not used, and nothing left is an error", () => {
  expect(choose([], [account("A", { default: true, status: "PAUSED" }), account("B")])).toBe("B");
  expect(choose([], [account("A", { status: "DISCONNECTED" })])).toBe("NO_EMAIL_ACCOUNT");
});

it("RUN-2: where every account of the sender is paused, the message waits in one", () => {
  const paused = (id: string, values = {}) => account(id, { ...values, status: "PAUSED" });
  expect(choose([], [paused("A"), paused("B", { default: true })])).toBe("B");
  expect(choose([], [paused("A"), account("B", { status: "DISCONNECTED" })])).toBe("A");
});

it("EML-2: a chosen account of somebody else needs leave", () => {
  expect(choose([account("A", { ownerId: "V" })], [account("B")])).toBe("SEND_AS_DISABLED");
  expect(choose([account("A", { ownerId: "V", sendAsUserIds: ["U"] })], [account("B")])).toBe("A");
  expect(choose([account("A", { ownerId: "V" }), account("C")], [account("B")])).toBe("C");
});
