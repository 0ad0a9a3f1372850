import type { UserError } from "@cadenza/subgraph";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AWKWARD_BOOK, workflowContent } from "../../test/workflow-arbitrary.ts";
import { applyEdits } from "../steps/apply-edits.ts";
import { readSettings } from "../workflows/settings-input.ts";
import type { WorkflowContent } from "../workflows/model.ts";
import { NameResolver } from "./name-resolver.ts";
import { readDocument } from "./read-document.ts";
import { toDocument } from "./to-document.ts";
import { toInput } from "./to-input.ts";
import { writeYaml } from "./write-yaml.ts";

const EMPTY: Omit<WorkflowContent, "name" | "ownerId" | "places"> = {
  description: null,
  trigger: null,
  recipient: "EVENT_CONTACT",
  schedule: null,
  goals: {
    emailReply: true,
    smsReply: true,
    callAnswered: true,
    meetingBooked: false,
    markedAsResponded: true,
    leadStatusIds: [],
    opportunityStatusIds: [],
  },
  reentry: { mode: "ONCE", minimumDaysSinceLastStart: 0 },
  exclusivity: null,
};

/** What `createWorkflow` would make of the document. */
function imported(yaml: string): WorkflowContent {
  const read = readDocument(yaml);
  if (Array.isArray(read)) throw new Error(`${JSON.stringify(read)}\n${yaml}`);
  const resolver = new NameResolver(AWKWARD_BOOK);
  const errors: UserError[] = [];
  const { steps, ...input } = toInput(read.document, resolver);
  const ownerId = resolver.user(read.document.owner, { step: null, field: "ownerId" })!;
  const settings = readSettings({ ...EMPTY, name: input.name, ownerId }, input, [], errors);
  const edits = (steps ?? []).map((step) => {
    return { edit: { add: { step } }, paths: { edit: [], step: [], stepId: [], position: [] } };
  });
  let count = 0;
  const places = [...applyEdits([], edits, () => String(count++), errors)];
  if (errors.length + resolver.problems.length > 0) throw new Error(JSON.stringify([errors, resolver.problems]));
  return { ...settings, places };
}

const withoutIds = (content: WorkflowContent): unknown => ({
  ...content,
  places: content.places.flatMap(({ step }) => (step ? [{ ...step, id: null }] : [])),
});

test("WF-8: export then import gives an equal definition, whatever the texts and names are", () => {
  fc.assert(
    fc.property(workflowContent, (content) => {
      const { document, remarks } = toDocument(content, AWKWARD_BOOK);
      expect(remarks).toEqual([]);
      const yaml = writeYaml(document, remarks);
      expect(withoutIds(imported(yaml))).toEqual(withoutIds(content));
      const again = toDocument(imported(yaml), AWKWARD_BOOK);
      expect(writeYaml(again.document, again.remarks)).toBe(yaml);
    }),
    { numRuns: 300 },
  );
});
