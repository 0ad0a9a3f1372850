import type { EmailPreviewItem } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSends } from "../src/sends/sends-service.ts";
import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const id = (): string => newId(world.clock.now());

function sends() {
  const { parts, planner } = world.service;
  return createSends({ database: world.database, templates: parts.templateStore, planner, unknownAfterMs: 60_000 });
}

it("EML-1, EML-2: a preview is what the step would send, or why it would not; nothing is made", async () => {
  const { user } = await world.sender();
  const template = await world.template({ subject: "Hi {{ contact.firstName }}", body: "<p>{{ contact.title }}</p>" });
  const contact = world.crm.contact({ name: "Grace Hopper", title: "Admiral" });
  const untitled = world.crm.contact({ title: null });
  const unreachable = world.crm.contact({ emails: [] });
  const item = (overrides: Partial<EmailPreviewItem> = {}): EmailPreviewItem => ({
    sender: { mode: "CREATOR_OR_ENROLLING_USER", userId: null, groupIds: [], customFieldId: null },
    templateId: template.id,
    leadId: contact.leadId,
    contactId: contact.id,
    opportunityId: null,
    creatorOrEnrollingUserId: user.id,
    event: null,
    chosenAccountIds: [],
    at: world.clock.now().toISOString(),
    ...overrides,
  });
  const of = ({ id, leadId }: { id: string; leadId: string }) => ({ contactId: id, leadId });
  const items = [
    item(),
    item(of(untitled)),
    item(of(unreachable)),
    item({ creatorOrEnrollingUserId: id() }),
    item({ templateId: id() }),
  ];
  const { emails } = await sends().previewEmails({ organizationId: world.organizationId, items });
  expect(emails[0]).toEqual({
    outcome: "READY",
    reason: null,
    senderId: user.id,
    subject: "Hi Grace",
    body: "<p>Admiral</p>",
  });
  expect(emails.map(({ outcome, reason }) => [outcome, reason?.code])).toEqual([
    ["READY", undefined],
    ["ERROR", "TEMPLATE_VARIABLE_MISSING"],
    ["SKIPPED", "NO_EMAIL_ADDRESS"],
    ["ERROR", "SENDER_UNRESOLVED"],
    ["ERROR", "TEMPLATE_NOT_FOUND"],
  ]);
  expect(await world.messages()).toEqual([]);
});

it("EML-1: dates in a preview are of the instant that it is asked for", async () => {
  const { user } = await world.sender();
  const { id: templateId } = await world.template({ subject: "In {{ 'now' | date: '%Y' }}", body: "<p>Hello</p>" });
  const contact = world.crm.contact();
  const { emails } = await sends().previewEmails({
    organizationId: world.organizationId,
    items: [
      {
        sender: { mode: "USER", userId: user.id, groupIds: [], customFieldId: null },
        templateId,
        leadId: contact.leadId,
        contactId: contact.id,
        opportunityId: null,
        creatorOrEnrollingUserId: id(),
        event: null,
        chosenAccountIds: [],
        at: "2031-06-01T12:00:00.000Z",
      },
    ],
  });
  expect(emails).toMatchObject([{ outcome: "READY", subject: "In 2031", senderId: user.id }]);
});
