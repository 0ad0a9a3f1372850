import type { FieldAssignment, ItemOf } from "@cadenza/contracts";
import { newId } from "@cadenza/platform";
import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrmStack, startCrmStack } from "../../test/crm-stack.ts";

let crm: CrmStack;
let heard: Awaited<ReturnType<CrmStack["listen"]>>;
beforeAll(async () => {
  crm = await startCrmStack();
  heard = await crm.listen();
});
afterAll(() => crm.stop());

async function createLead(input: object): Promise<string> {
  const query = `mutation ($input: CreateLeadInput!) { createLead(input: $input) { lead { id } userErrors { message } } }`;
  const { data } = await crm.graph(crm.people.member, query, { input });
  return (data["createLead"] as { lead: { id: string } }).lead.id;
}

async function createField(input: object): Promise<string> {
  const query = `mutation ($input: CreateCustomFieldInput!) { createCustomField(input: $input) { customField { id } } }`;
  const { data } = await crm.graph(crm.people.admin, query, { input: { object: "LEAD", ...input } });
  return (data["createCustomField"] as { customField: { id: string } }).customField.id;
}

const lead = async (id: string) => (await crm.crm.stores.leads.findByIds(crm.scope, [id]))[0]!;

type Command = ItemOf<"updateLead">;

function command(leadId: string, fields: Partial<FieldAssignment>[], more: Partial<Command> = {}): Command {
  const [runId, stepId, workflowId] = [newId(crm.clock.now()), newId(crm.clock.now()), newId(crm.clock.now())];
  return {
    key: `${runId}:${stepId}:1`,
    runId,
    stepId,
    attempt: 1,
    workflowId,
    leadId,
    contactId: leadId,
    opportunityId: null,
    creatorOrEnrollingUserId: crm.people.admin.userId,
    event: null,
    causation: { eventId: null, workflowId, runId, depth: 1 },
    at: crm.clock.now(),
    fields: fields.map((field) => ({ field: "", value: null, template: null, ...field })),
    overwrite: true,
    addMissingChoices: false,
    ...more,
  };
}

/** Sends commands together and answers with their results, in order. */
async function send(...commands: Command[]) {
  await crm.tellCommands(commands);
  return eventually(() => {
    const results = commands.map(({ key }) => heard.results.find((result) => result.key === key)!);
    expect(results).not.toContain(undefined);
    return results;
  });
}

test("LEAD-1: fields are set from plain values and templates, and the change names the run that made it", async () => {
  const id = await createLead({ name: "Acme", contacts: [{ name: "Ada Lovelace" }] });
  const contactId = (await lead(id)).contactIds[0]!;
  const fields = [
    { field: "description", template: "{{ contact.firstName }} of {{ lead.name }}, {{ organization.name }}" },
    { field: "status", value: "Qualified" },
  ];
  const sent = command(id, fields, { contactId });
  const [result] = await send(sent);
  expect(result).toMatchObject({ outcome: "DONE", reason: null });
  expect(result!.changes).toContainEqual({ field: "description", before: null, after: "Ada of Acme, Demo" });
  const qualified = (await crm.crm.catalogs.fresh(crm.scope)).leadStatusNamed("Qualified")!._id;
  expect(await lead(id)).toMatchObject({ description: "Ada of Acme, Demo", statusId: qualified, version: 2 });
  const change = await eventually(() => heard.changes.find((one) => one.id === id && one.verb === "UPDATED") ?? false);
  expect(change).toMatchObject({
    after: { status: qualified },
    causation: { workflowId: sent.workflowId, runId: sent.runId, depth: 1 },
  });
});

test("LEAD-1: without overwrite only empty fields are set", async () => {
  const id = await createLead({ name: "Acme", description: "kept" });
  const fields = [
    { field: "description", value: "lost" },
    { field: "url", value: "https://acme.test" },
  ];
  const [result] = await send(command(id, fields, { overwrite: false }));
  expect(result!.changes).toEqual([{ field: "url", before: null, after: "https://acme.test" }]);
  expect((await lead(id)).description).toBe("kept");
});

test("LEAD-1: an unknown option is an error that names it, or is added where the step says so", async () => {
  const fieldId = await createField({ name: "Tier", type: "CHOICE", choices: ["Gold"] });
  const [one, two] = [await createLead({ name: "One" }), await createLead({ name: "Two" })];
  const silver = [{ field: `custom.${fieldId}`, value: "Silver" }];
  const [refused] = await send(command(one, silver));
  expect(refused).toMatchObject({ outcome: "ERROR", reason: { code: "INVALID_CHOICE" } });
  expect(refused!.reason!.message).toContain("Silver");
  const added = { addMissingChoices: true };
  const again = command(two, [{ field: `custom.${fieldId}`, template: "silver" }], added);
  const results = await send(command(one, silver, added), again);
  expect(results.map(({ outcome }) => outcome)).toEqual(["DONE", "DONE"]);
  expect((await lead(two)).custom[fieldId]).toBe("Silver");
  expect((await crm.crm.catalogs.fresh(crm.scope)).fields.get(fieldId)!.choices).toEqual(["Gold", "Silver"]);
});

test("LEAD-3: all fields of a step are written together or not at all", async () => {
  const id = await createLead({ name: "Acme" });
  const [result] = await send(
    command(id, [
      { field: "description", value: "half" },
      { field: "url", value: "not a url" },
    ]),
  );
  expect(result).toMatchObject({ outcome: "ERROR", reason: { code: "INVALID_VALUE" }, changes: null });
  expect(await lead(id)).toMatchObject({ description: null, version: 1 });
});

test("EML-1: a variable that is missing or empty and has no fallback is named", async () => {
  const id = await createLead({ name: "Acme" });
  const [result] = await send(command(id, [{ field: "description", template: "{{ lead.url }}" }]));
  expect(result).toMatchObject({ outcome: "ERROR", reason: { code: "TEMPLATE_VARIABLE_MISSING" } });
  expect(result!.reason!.message).toContain("lead.url");
});

test("RUN-4: a command told twice writes once and is answered alike", async () => {
  const id = await createLead({ name: "Acme" });
  const sent = command(id, [{ field: "description", value: "once" }]);
  await send(sent);
  await crm.tellCommands([sent]);
  const answers = () => heard.results.filter(({ key }) => key === sent.key);
  await eventually(() => expect(answers().length).toBe(2));
  expect(answers()[1]).toEqual(answers()[0]);
  expect((await lead(id)).version).toBe(2);
});

test("commands of one batch for the same lead have their effect one after the other", async () => {
  const id = await createLead({ name: "Acme" });
  const add = (text: string) =>
    command(id, [{ field: "description", template: `{{ lead.description | default: "" }}${text}` }]);
  await send(add("a"), add("b"), add("c"));
  expect(await lead(id)).toMatchObject({ description: "abc", version: 4 });
});

test("CRM-3: a command that changes nothing is done, tells nothing and leaves the version", async () => {
  const id = await createLead({ name: "Acme" });
  const [result] = await send(command(id, [{ field: "name", value: "Acme" }]));
  expect(result).toMatchObject({ outcome: "DONE", changes: [] });
  expect((await lead(id)).version).toBe(1);
});

test("API-3: a lead that is gone, or another organization's, is not touched", async () => {
  const query = `mutation { createLead(input: { name: "Theirs" }) { lead { id } } }`;
  const { data } = await crm.graph(crm.people.stranger, query);
  const theirs = (data["createLead"] as { lead: { id: string } }).lead.id;
  const results = await send(
    command(theirs, [{ field: "name", value: "Ours" }]),
    command(newId(crm.clock.now()), [{ field: "name", value: "Nobody's" }]),
  );
  expect(results.map(({ reason }) => reason!.code)).toEqual(["SUBJECT_DELETED", "SUBJECT_DELETED"]);
  expect((await crm.crm.stores.leads.findByIds(crm.otherScope, [theirs]))[0]).toMatchObject({ name: "Theirs" });
});

test("CRM-1: a user field takes a user by id or address, and refuses whoever is none", async () => {
  const fieldId = await createField({ name: "Owner", type: "USER" });
  const id = await createLead({ name: "Acme" });
  const [byId] = await send(command(id, [{ field: `custom.${fieldId}`, value: crm.people.member.userId }]));
  expect(byId!.outcome).toBe("DONE");
  const [byAddress] = await send(command(id, [{ field: `custom.${fieldId}`, template: "viewer@demo.test" }]));
  expect(byAddress!.outcome).toBe("DONE");
  expect((await lead(id)).custom[fieldId]).toBe(crm.people.viewer.userId);
  const [stranger] = await send(command(id, [{ field: `custom.${fieldId}`, value: crm.people.stranger.userId }]));
  expect(stranger).toMatchObject({ outcome: "ERROR", reason: { code: "INVALID_CHOICE" } });
});

test("RUN-9: a step that was on its way when its lead was merged sets the fields of the lead that stays", async () => {
  const ids = [
    await createLead({ name: "One" }),
    await createLead({ name: "Two" }),
    await createLead({ name: "Three" }),
  ];
  const [one, two, three] = ids as [string, string, string];
  const merge = `mutation ($s: ID!, $d: ID!) { mergeLeads(sourceId: $s, destinationId: $d) { userErrors { code } } }`;
  await crm.graph(crm.people.member, merge, { s: one, d: two });
  await crm.graph(crm.people.member, merge, { s: two, d: three });
  const set = (leadId: string, field: string) => command(leadId, [{ field, value: `https://${field}.test` }]);
  const results = await send(set(one, "description"), set(three, "url"), set(newId(crm.clock.now()), "url"));
  expect(results.map(({ outcome }) => outcome)).toEqual(["DONE", "DONE", "ERROR"]);
  expect(await lead(three)).toMatchObject({ description: "https://description.test", url: "https://url.test" });
});

test("RUN-9: subjects of a step are those that stay, where it asks for that; else a merged one does not exist", async () => {
  const [one, two] = [
    await createLead({ name: "One", contacts: [{ name: "Ada" }, { name: "Eve" }] }),
    await createLead({ name: "Two", contacts: [{ name: "Bob" }] }),
  ];
  const [[ada, eve], [bob]] = [(await lead(one)).contactIds, (await lead(two)).contactIds] as [string[], string[]];
  const merge = `mutation ($s: ID!, $d: ID!) { mergeContacts(sourceId: $s, destinationId: $d) { userErrors { code } } }`;
  await crm.graph(crm.people.member, merge, { s: ada, d: bob });
  const subjects = [ada, eve].map((contactId) => ({
    leadId: one,
    contactId: contactId!,
    opportunityId: null,
    userIds: [],
  }));
  const ask = async (followMerges: boolean) => {
    const request = { organizationId: crm.scope.organizationId, subjects, followMerges };
    const answer = await crm.reader.getSubjects(request);
    return answer.subjects.map(({ lead: its, contact }) => [its?.id ?? null, contact?.id ?? null]);
  };
  expect(await ask(false)).toEqual([
    [one, null],
    [one, eve],
  ]);
  expect(await ask(true)).toEqual([
    [two, bob],
    [one, eve],
  ]);
});
