import { derivedId } from "@cadenza/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CREATE, startWorld, type World } from "../../test/world.ts";

const EXPORT = `query ($id: ID!) { exportWorkflow(id: $id) }`;
const IMPORT = `mutation ($yaml: String!) { importWorkflow(yaml: $yaml) {
  workflow { id status name description revision owner { id } trigger { event conditions } goals { leadStatuses { id } }
    schedule { timeZone ranges { weekday start end } blackoutDates blackoutCalendars { id name } }
    reentry { mode minimumDaysSinceLastStart } exclusivity { group onConflict }
    steps { id name delay { amount unit }
      ... on EmailStep { template { id } sender { mode user { id } groups { id } customField { id } } }
      ... on AssignUserStep { target { id } groups { id } }
      ... on UpdateLeadStep { fields { field value template } } } }
  problems { code message stepId field } userErrors { code message path } } }`;
const HEAD = "format: cadenza/workflow\nversion: 1\nname: Outreach\n";

let world: World;
const AT = new Date("2026-01-05T09:00:00.000Z");
const id = (name: string) => derivedId(AT, name);
beforeAll(async () => {
  world = await startWorld();
  const { admin, member } = world.users;
  world.peers.catalog = {
    users: [
      { id: admin, name: "Ada Lovelace", email: "ada@demo.example", status: "ACTIVE" },
      { id: member, name: "Bob", email: "bob@demo.example", status: "ACTIVE" },
      { id: id("bob2"), name: "Bob", email: "other.bob@demo.example", status: "ACTIVE" },
    ],
    groups: [{ id: id("sales"), name: "Sales: EMEA", activeMembers: 2 }],
    customFields: [
      { id: id("budget"), object: "LEAD", name: 'Budget "net"', type: "NUMBER", multiple: false, choices: [] },
      { id: id("owner"), object: "LEAD", name: "Account owner", type: "USER", multiple: false, choices: [] },
    ],
    leadStatuses: [
      { id: id("potential"), name: "Potential" },
      { id: id("qualified"), name: "Qualified" },
    ],
    opportunityStatuses: [{ id: id("won"), name: "Won", kind: "WON" }],
  };
  world.peers.namedTemplates = [
    { id: id("intro"), channel: "EMAIL", name: "Intro", shared: true, ownerId: null },
    { id: id("private"), channel: "EMAIL", name: "Secret plan", shared: false, ownerId: id("bob2") },
    { id: id("twin1"), channel: "EMAIL", name: "Twin", shared: true, ownerId: null },
    { id: id("twin2"), channel: "EMAIL", name: "twin", shared: true, ownerId: null },
  ];
});
afterAll(() => world.stop());

const withoutIds = (workflow: { steps: { id: string }[] }) => ({
  ...workflow,
  id: null,
  steps: workflow.steps.map((step) => ({ ...step, id: null })),
});
const importing = (yaml: string, asker = {}) => world.change(IMPORT, { yaml }, asker);
const exported = async (workflowId: string, asker = {}): Promise<string> => {
  const { data, errors } = await world.ask(EXPORT, { id: workflowId }, asker);
  expect(errors).toEqual([]);
  return data["exportWorkflow"];
};

test("WF-8: a workflow goes out by names and comes back as an equal draft, as often as it is imported", async () => {
  const calendar = await world.change(
    `mutation { createBlackoutCalendar(name: "Holidays, 2026", dates: ["2026-12-25"]) { blackoutCalendar { id } } }`,
  );
  const input = {
    name: "Round trip",
    description: "Two\nlines 🎉",
    trigger: {
      event: "LEAD_STATUS_CHANGED",
      conditions: {
        all: [
          { test: { path: "lead.status", op: "CHANGED_TO", value: id("qualified") } },
          { test: { path: `lead.custom.${id("budget")}`, op: "GREATER_THAN", value: 100 } },
          { not: { test: { path: `lead.custom.${id("owner")}`, op: "IN", value: [world.users.member] } } },
        ],
      },
    },
    schedule: {
      timeZone: "Europe/Berlin",
      ranges: [{ weekday: "MONDAY", start: "09:00", end: "17:00" }],
      blackoutDates: ["2026-12-24"],
      blackoutCalendarIds: [calendar.blackoutCalendar.id],
    },
    goals: { leadStatusIds: [id("qualified")] },
    exclusivity: { group: "sales", onConflict: "REPLACE" },
    steps: [
      {
        name: "First",
        delay: { amount: 2, unit: "DAY" },
        email: { templateId: id("intro"), sender: { mode: "USER", userId: world.users.admin } },
      },
      { assignUser: { targetFieldId: id("owner"), action: "ASSIGN_IF_EMPTY", groupIds: [id("sales")] } },
      {
        updateLead: {
          fields: [
            { field: "status", value: id("qualified") },
            { field: `custom.${id("owner")}`, value: world.users.member },
          ],
        },
      },
    ],
  };
  const created = await world.change(CREATE, { input });
  expect(created.userErrors).toEqual([]);
  const yaml = await exported(created.workflow.id, { role: "VIEWER", userId: world.users.member });
  expect(yaml).toContain("owner: Ada Lovelace <ada@demo.example>");
  expect(yaml).toContain("- Sales: EMEA".replace("- ", '- "') + '"');
  for (const each of [calendar.blackoutCalendar.id, world.users.admin, ...["intro", "owner", "qualified"].map(id)]) {
    expect(yaml).not.toContain(each);
  }
  const first = await importing(yaml);
  const second = await importing(yaml);
  expect(first).toMatchObject({ userErrors: [], workflow: { status: "DRAFT", revision: 1, name: "Round trip" } });
  expect(
    first.problems.map(({ code }: { code: string }) => code).filter((code: string) => code.startsWith("NAME")),
  ).toEqual([]);
  expect(second.workflow.id).not.toBe(first.workflow.id);
  expect(withoutIds(second.workflow)).toEqual(withoutIds(first.workflow));
  expect(first.workflow).toMatchObject({
    owner: { id: world.users.admin },
    description: "Two\nlines 🎉",
    trigger: { event: "LEAD_STATUS_CHANGED", conditions: input.trigger.conditions },
    schedule: { blackoutDates: ["2026-12-24"], blackoutCalendars: [{ name: "Holidays, 2026" }] },
    goals: { leadStatuses: [{ id: id("qualified") }] },
    exclusivity: input.exclusivity,
    steps: [
      { template: { id: id("intro") }, sender: { mode: "USER", user: { id: world.users.admin } } },
      { target: { id: id("owner") }, groups: [{ id: id("sales") }] },
      { fields: [{ value: id("qualified") }, { value: world.users.member }] },
    ],
  });
  expect(await exported(first.workflow.id)).toBe(yaml);
});

test("WF-8: every name that leads nowhere is listed by step and field, and stays empty", async () => {
  const yaml = `${HEAD}owner: Ghost <ghost@demo.example>
trigger:
  event: LEAD_UPDATED
  conditions:
    all:
      - test: { path: lead.status, op: IN, value: [Qualified, Lost] }
      - test: { path: 'lead.custom["Sise"]', op: IS_NOT_EMPTY }
      - test: { path: event.user, op: EQUALS, value: Bob }
goals: { leadStatuses: [Qualified, Nowhere] }
schedule: { timeZone: UTC, ranges: [], blackoutCalendars: [Nowhere] }
steps:
  - email: { template: Nowhere, sender: { mode: USER, user: Bob } }
  - email: { template: TWIN, sender: { mode: GROUP, groups: [Nowhere, "sales: emea"] } }
  - email: { template: secret plan, sender: { mode: CUSTOM_FIELD, customField: 'contact.custom["Account owner"]' } }
  - updateLead: { fields: [{ field: 'lead.custom["Sise"]', value: 1 }, { field: status, value: nowhere }] }
`;
  const answer = await importing(yaml, { role: "ADMIN" });
  expect(answer.userErrors).toEqual([]);
  const { workflow, problems } = answer;
  const [one, two, three, four] = workflow.steps.map((step: { id: string }) => step.id);
  const named = problems.filter(({ code }: { code: string }) => code.startsWith("NAME_"));
  const told = named.map(({ code, stepId, field }: Record<string, string>) => [code, stepId, field]);
  expect(told.toSorted()).toEqual(
    [
      ["NAME_NOT_FOUND", null, "ownerId"],
      ["NAME_NOT_FOUND", null, "trigger.conditions.all.0.test.value.1"],
      ["NAME_NOT_FOUND", null, "trigger.conditions.all.1.test.path"],
      ["NAME_AMBIGUOUS", null, "trigger.conditions.all.2.test.value"],
      ["NAME_NOT_FOUND", null, "goals.leadStatusIds.1"],
      ["NAME_NOT_FOUND", null, "schedule.blackoutCalendarIds.0"],
      ["NAME_NOT_FOUND", one, "email.templateId"],
      ["NAME_AMBIGUOUS", one, "email.sender.userId"],
      ["NAME_AMBIGUOUS", two, "email.templateId"],
      ["NAME_NOT_FOUND", two, "email.sender.groupIds.0"],
      ["NAME_NOT_FOUND", three, "email.sender.customFieldId"],
      ["NAME_NOT_FOUND", four, "updateLead.fields.0.field"],
      ["NAME_NOT_FOUND", four, "updateLead.fields.1.value"],
    ].toSorted(),
  );
  expect(named.find(({ field }: { field: string }) => field === "ownerId").message).toContain(
    "Ghost <ghost@demo.example>",
  );
  expect(workflow).toMatchObject({
    status: "DRAFT",
    owner: { id: world.users.admin },
    goals: { leadStatuses: [{ id: id("qualified") }] },
    steps: [
      { template: null, sender: { mode: "USER", user: null } },
      { template: null, sender: { groups: [{ id: id("sales") }] } },
      { template: { id: id("private") }, sender: { customField: null } },
      {
        fields: [
          { field: "custom.Sise", value: 1 },
          { field: "status", value: null },
        ],
      },
    ],
  });
  expect(workflow.trigger.conditions.all[0].test.value).toEqual([id("qualified"), null]);
});

test("API-3: another's template that is not shared has no name for a member, neither out nor in", async () => {
  const asker = { role: "MEMBER" as const, userId: world.users.member };
  const { workflow } = await world.change(CREATE, {
    input: { name: "With a secret", steps: [{ email: { templateId: id("private") } }] },
  });
  const yaml = await exported(workflow.id, asker);
  expect(yaml).not.toContain("Secret plan");
  expect(yaml).toContain("template: null # no email template has the id");
  expect(await exported(workflow.id)).toContain("template: Secret plan");
  const answer = await importing(`${HEAD}steps: [{ email: { template: Secret plan } }]`, asker);
  expect(answer.problems).toContainEqual(
    expect.objectContaining({ code: "NAME_NOT_FOUND", field: "email.templateId" }),
  );
});

test("API-2: whoever is no admin owns what they import, and a viewer or a member's key imports nothing", async () => {
  const yaml = `${HEAD}owner: Ada Lovelace <ada@demo.example>\n`;
  const answer = await importing(yaml, { role: "MEMBER", userId: world.users.member });
  expect(answer).toMatchObject({ workflow: { owner: { id: world.users.member } }, userErrors: [] });
  expect(answer.problems).toContainEqual(expect.objectContaining({ code: "OWNER_REPLACED", field: "ownerId" }));
  const forAnother = await importing(`${HEAD}owner: bob@demo.example\n`);
  expect(forAnother).toMatchObject({ workflow: { owner: { id: world.users.member } } });
  for (const asker of [{ role: "VIEWER" as const }, { role: "MEMBER" as const, apiKey: true }]) {
    const refused = await world.ask(IMPORT, { yaml: "nonsense: [" }, asker);
    expect(refused.errors[0]?.extensions.code).toBe("FORBIDDEN");
  }
  const byKey = await importing(yaml, { role: "ADMIN", apiKey: true });
  expect(byKey).toMatchObject({ workflow: { owner: { id: world.users.admin } } });
  const ownerless = await importing(HEAD, { role: "ADMIN", apiKey: true });
  expect(ownerless.userErrors).toMatchObject([{ code: "OWNER_REQUIRED", path: ["yaml", "owner"] }]);
});

test("API-5: the limits of the graph hold for documents, with path and line, and nothing is written", async () => {
  const count = async () => (await world.ask("{ workflows(first: 1) { totalCount } }")).data["workflows"].totalCount;
  const before = await count();
  const errorsOf = async (body: string) =>
    (await importing(HEAD + body)).userErrors.map(({ code, path }: { code: string; path: string[] }) => [
      code,
      path.join("."),
    ]);
  const steps = `steps:\n${'  - task: { description: "x" }\n'.repeat(101)}`;
  expect(await errorsOf(steps)).toEqual([["TOO_MANY_STEPS", "yaml.steps.100"]]);
  expect(await errorsOf("steps: [{ delay: { amount: 366, unit: DAY }, task: { description: x } }]")).toEqual([
    ["DELAY_OUT_OF_RANGE", "yaml.steps.0.delay.amount"],
  ]);
  expect(await errorsOf("steps: [{ delay: { amount: -1, unit: DAY }, task: { description: x } }]")).toEqual([
    ["DELAY_OUT_OF_RANGE", "yaml.steps.0.delay.amount"],
  ]);
  expect(await errorsOf("steps: [{ name: x }]")).toEqual([["EXACTLY_ONE_OF", "yaml.steps.0"]]);
  const test = "{ test: { path: lead.name, op: IS_EMPTY } }";
  const tree = (parts: number) =>
    `trigger: { event: LEAD_CREATED, conditions: { all: [${`${test}, `.repeat(parts)}] } }`;
  expect(await errorsOf(tree(300))).toEqual([["TOO_MANY", "yaml.trigger.conditions"]]);
  const wrong = `trigger: { event: LEAD_CREATED, conditions: { test: { path: lead.nmae, op: EQUALS, value: x } } }`;
  expect(await errorsOf(wrong)).toMatchObject([[expect.any(String), "yaml.trigger.conditions.test.path"]]);
  expect(await errorsOf(`description: "${"x".repeat(5001)}"`)).toEqual([["INVALID_VALUE", "yaml.description"]]);
  const { userErrors } = await importing(`${HEAD}\nsteps:\n  - email:\n      tmeplate: Intro\n`);
  expect(userErrors).toEqual([
    {
      code: "UNKNOWN_KEY",
      message: '"tmeplate" is not known here. (line 7)',
      path: ["yaml", "steps", "0", "email", "tmeplate"],
    },
  ]);
  expect(await count()).toBe(before);
});

test("WF-8: an unknown workflow, or another organization's, is not exported", async () => {
  const { workflow } = await importing(HEAD);
  for (const asker of [{ organizationId: id("elsewhere") }, {}]) {
    const wanted = asker.organizationId ? workflow.id : "nonsense";
    const { errors } = await world.ask(EXPORT, { id: wanted }, asker);
    expect(errors[0]?.extensions.code).toBe("NOT_FOUND");
  }
});

test("WF-8: while names cannot be looked up nothing is imported", async () => {
  world.peers.isAway = true;
  const { errors } = await world.ask(IMPORT, { yaml: HEAD });
  world.peers.isAway = false;
  expect(errors[0]?.extensions.code).toBe("SERVICE_UNAVAILABLE");
});
