import type { Definition, Step, WorkflowStatus } from "@cadenza/contracts";
import { newId, realClock } from "@cadenza/platform";
import { expect } from "vitest";
import { definition, task } from "../runs/definition-builder.ts";
import type { Run } from "../runs/model.ts";
import type { Asker, House } from "./house.ts";

export type EnrollPayload = {
  run: { id: string; status: string; version: number } | null;
  userErrors: { code: string; path: string[] | null }[];
};

const ENROLL = `mutation($input: EnrollInput!) { enroll(input: $input) { run { id status version } userErrors { code path } } }`;
const RECIPIENT = `mutation($runId: ID!, $contactId: ID!) {
  changeRecipient(runId: $runId, contactId: $contactId) { run { id } userErrors { code path } } }`;

/** What tests of starts by hand do in a house. */
export function enrolling(house: House) {
  const enroll = async (input: object, asker: Asker = {}): Promise<EnrollPayload> =>
    (await house.data<{ enroll: EnrollPayload }>(ENROLL, { input }, asker)).enroll;
  return {
    enroll,
    workflow: (overrides: Partial<Definition> = {}, status?: WorkflowStatus, steps: Step[] = [task("call back")]) => {
      const ids = { organizationId: house.organizationId, workflowId: newId(realClock.now()) };
      return house.definitions.put(definition(steps, { ...ids, ...overrides }), status);
    },
    /** The id of the run, which must have started. */
    started: async (workflowId: string, contactId: string): Promise<string> => {
      const { run, userErrors } = await enroll({ workflowId, contactId });
      expect(userErrors).toEqual([]);
      return run!.id;
    },
    /** The code of the refusal; null where the run started. */
    refusal: async (workflowId: string, contactId: string): Promise<string | null> =>
      (await enroll({ workflowId, contactId })).userErrors[0]?.code ?? null,
    changeRecipient: async (runId: string, contactId: string): Promise<EnrollPayload> =>
      (await house.data<{ changeRecipient: EnrollPayload }>(RECIPIENT, { runId, contactId })).changeRecipient,
    runOf: async (runId: string): Promise<Run> => (await house.runs.tenant.findByIds(house.scope, [runId]))[0]!,
    openOf: (contactId: string): Promise<Run[]> => house.runs.tenant.find(house.scope, { contactId, open: true }),
  };
}

export type Enrolling = ReturnType<typeof enrolling>;
