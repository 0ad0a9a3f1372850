import { eventually } from "@cadenza/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type CrmStack, type Person, startCrmStack } from "../../test/crm-stack.ts";
import type { ImportJob } from "./import-job.ts";

let crm: CrmStack;
beforeAll(async () => {
  crm = await startCrmStack();
});
afterAll(() => crm.stop());

const IMPORT = `mutation ($input: ImportLeadsInput!) {
  importLeads(input: $input) { job { id status total } userErrors { code message path } }
}`;
type Payload = { job: { id: string } | null; userErrors: { code: string; message: string; path: string[] }[] };

async function importLeads(input: object, person: Person = crm.people.member): Promise<Payload> {
  const { data } = await crm.graph(person, IMPORT, { input });
  return data["importLeads"] as Payload;
}

/** The job once it has ended. */
function ended(id: string, timeoutMs = 25_000): Promise<ImportJob> {
  const look = async (): Promise<ImportJob> => {
    const job = await crm.crm.stores.imports.find(crm.scope, id);
    expect(job?.status).not.toBe("RUNNING");
    return job!;
  };
  return eventually(look, { timeoutMs });
}

const leadsNamed = (name: string) => crm.crm.stores.leads.collection.find(crm.scope, { name });

test("CRM-4: a CSV makes leads; rows with the same name and url add contacts to one lead; bad rows are told by line", async () => {
  const field = `mutation { createCustomField(input: { object: LEAD, name: "Size", type: NUMBER }) { customField { id } } }`;
  await crm.graph(crm.people.admin, field);
  const content = [
    "contact_email,lead_name,lead_url,lead_status,contact_name,contact_phone,custom.Size",
    '"ada@acme.test;ada@home.test","Acme, Inc.",https://acme.test,qualified,Ada,030 901820,12',
    ',Plain,,,,,""',
    "nonsense,Bad,,,Eve,,",
    "",
    ",Bad status,,Nonsense,,,",
    'bob@acme.test,"Acme, Inc.",https://acme.test,,Bob,,',
    "few,cells",
    "x@y.test,Plain,,,Xi,,not a number",
  ].join("\r\n");
  const { job, userErrors } = await importLeads({ format: "CSV", content });
  expect(userErrors).toEqual([]);
  const done = await ended(job!.id);
  expect(done).toMatchObject({ status: "SUCCEEDED", total: 7, processed: 7, succeeded: 3, failed: 4 });
  expect(done.rowErrors.map(({ line }) => line)).toEqual([4, 6, 8, 9]);
  expect(done.rowErrors.map(({ message }) => message).join("\n")).toMatch(/email.*\n.*Nonsense.*\n.*cells.*\n.*Size/s);
  const [acme] = await leadsNamed("Acme, Inc.");
  const contacts = await crm.crm.stores.contacts.findByIds(crm.scope, acme!.contactIds);
  expect(contacts.map((contact) => [contact!.name, contact!.emails, contact!.phones[0]?.number])).toEqual([
    ["Ada", ["ada@acme.test", "ada@home.test"], "+4930901820"],
    ["Bob", ["bob@acme.test"], undefined],
  ]);
  expect(Object.values(acme!.custom)).toEqual([12]);
});

test("CRM-4: unknown columns are refused by name, before anything is stored", async () => {
  const { job, userErrors } = await importLeads({ format: "CSV", content: "lead_name,shoe_size\nAcme,42\n" });
  expect(job).toBeNull();
  expect(userErrors).toMatchObject([{ code: "UNKNOWN_COLUMN", path: ["input", "content"] }]);
  expect(userErrors[0]!.message).toContain("shoe_size");
});

test("CRM-4: JSON lines hold one CreateLeadInput each; a bad line is told and left out", async () => {
  const lines = [
    JSON.stringify({ name: "Json", contacts: [{ name: "Jo", emails: ["jo@json.test"] }] }),
    "{ not json",
    JSON.stringify({ name: "Extra", $where: 1 }),
    "",
    JSON.stringify({ name: "Json" }),
  ];
  const { job } = await importLeads({ format: "JSONL", content: lines.join("\n") });
  const done = await ended(job!.id);
  expect(done).toMatchObject({ status: "SUCCEEDED", processed: 4, succeeded: 2, failed: 2 });
  expect(done.rowErrors.map(({ line }) => line)).toEqual([2, 3]);
  expect((await leadsNamed("Json")).length).toBe(2);
});

test("CRM-4: a repeated import with the same key imports nothing twice; with other content it is refused", async () => {
  const input = { format: "CSV", content: "lead_name\nKeyed\n", idempotencyKey: "monday" };
  const first = await importLeads(input);
  await ended(first.job!.id);
  const second = await importLeads(input);
  expect(second.job!.id).toBe(first.job!.id);
  expect((await leadsNamed("Keyed")).length).toBe(1);
  const other = await importLeads({ ...input, content: "lead_name\nOther\n" });
  expect(other.userErrors).toMatchObject([{ code: "IDEMPOTENCY_KEY_REUSED" }]);
});

test("API-5: a key that is blank, too long or cannot be stored is refused with its path", async () => {
  for (const idempotencyKey of ["", "k".repeat(201), "a\u0000b", "\ud800"]) {
    const { job, userErrors } = await importLeads({ format: "CSV", content: "lead_name\nUnkeyed\n", idempotencyKey });
    expect(job).toBeNull();
    expect(userErrors).toMatchObject([{ code: "INVALID_VALUE", path: ["input", "idempotencyKey"] }]);
  }
  expect(await leadsNamed("Unkeyed")).toEqual([]);
});

test("CRM-4: what ends in the middle of a cell fails at that line; the rows before it are imported", async () => {
  const { job } = await importLeads({ format: "CSV", content: 'lead_name\nBefore\n"never closed\n' });
  const done = await ended(job!.id);
  expect(done).toMatchObject({ status: "FAILED", succeeded: 1 });
  expect((await leadsNamed("Before")).length).toBe(1);
});

test("CRM-4: an import whose worker died goes on where it stood, and imports nothing twice", async () => {
  const rows = Array.from({ length: 1000 }, (_, index) => `Crash ${index},c${index}@crash.test`);
  const content = `lead_name,contact_email\n${rows.join("\n")}\n`;
  // A worker that dies in the middle: its third batch never comes back, and its lease runs out.
  const commit = crm.committer.commit.bind(crm.committer);
  const death = Promise.withResolvers<never>();
  let batches = 0;
  const dying = vi.spyOn(crm.committer, "commit").mockImplementation((work) => {
    const isImport = work.toString().includes("importBatch");
    return isImport && ++batches === 3 ? death.promise : commit(work);
  });
  const { job } = await importLeads({ format: "CSV", content });
  const stuck = await eventually(async () => {
    const found = await crm.crm.stores.imports.find(crm.scope, job!.id);
    expect([found?.processed, batches]).toEqual([400, 3]);
    return found!;
  });
  dying.mockRestore();
  expect(stuck.status).toBe("RUNNING");
  const replica = await crm.startReplica();
  try {
    await crm.crm.stores.imports.jobs.updateOne(crm.scope, { _id: job!.id }, { $set: { leaseUntil: new Date(0) } });
    expect(await ended(job!.id)).toMatchObject({ status: "SUCCEEDED", processed: 1000, succeeded: 1000, failed: 0 });
    expect(await crm.crm.stores.leads.count(crm.scope, { search: "crash" })).toBe(1000);
    expect(await crm.crm.stores.contacts.count(crm.scope, { search: "crash.test" })).toBe(1000);
  } finally {
    death.reject(new Error("dead"));
    await replica.lifecycle.end();
  }
});

test("CRM-4: a larger file is streamed to the service; the same key is the same job", async () => {
  const rows = Array.from({ length: 12_000 }, (_, index) => `Streamed ${index},,https://s${index}.test`);
  const body = `lead_name,lead_status,lead_url\n${rows.join("\n")}\n`;
  const headers = { "x-cadenza-identity": await crm.tokenOf(crm.people.member) };
  const post = () => fetch(`${crm.url}/imports?format=CSV&key=big`, { method: "POST", headers, body });
  const response = await post();
  expect(response.status).toBe(202);
  const { id } = (await response.json()) as { id: string };
  const done = await ended(id);
  expect(done).toMatchObject({ status: "SUCCEEDED", succeeded: 12_000 });
  expect(((await (await post()).json()) as { id: string }).id).toBe(id);
});

test("CRM-4: a row in another encoding is told and left out, not stored damaged", async () => {
  const headers = { "x-cadenza-identity": await crm.tokenOf(crm.people.member) };
  const contents = { CSV: "lead_name\nM\u00fcller\n", JSONL: '{"name":"M\u00fcller"}\n' };
  for (const [format, content] of Object.entries(contents)) {
    const body = Buffer.from(content, "latin1");
    const response = await fetch(`${crm.url}/imports?format=${format}&key=latin1-${format}`, {
      method: "POST",
      headers,
      body,
    });
    const { id } = (await response.json()) as { id: string };
    expect(await ended(id)).toMatchObject({
      succeeded: 0,
      failed: 1,
      rowErrors: [{ message: expect.stringContaining("UTF-8") }],
    });
  }
});

test("API-2, API-3: no import without an identity, by a viewer, or of another organization's job", async () => {
  const url = `${crm.url}/imports?format=CSV`;
  expect((await fetch(url, { method: "POST", body: "lead_name\nA\n" })).status).toBe(401);
  const headers = { "x-cadenza-identity": await crm.tokenOf(crm.people.viewer) };
  expect((await fetch(url, { method: "POST", headers, body: "lead_name\nA\n" })).status).toBe(403);
  const { job } = await importLeads({ format: "CSV", content: "lead_name\nOurs\n" });
  const query = `query ($id: ID!) { importJob(id: $id) { id } }`;
  expect((await crm.graph(crm.people.stranger, query, { id: job!.id })).data["importJob"]).toBeNull();
});
