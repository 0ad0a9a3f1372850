/** The input's names where the document has others: ids there, names here. */
const IN_DOCUMENT: Readonly<Record<string, string>> = {
  ownerId: "owner",
  userId: "user",
  groupIds: "groups",
  templateId: "template",
  customFieldId: "customField",
  targetFieldId: "targetField",
  blackoutCalendarIds: "blackoutCalendars",
  leadStatusIds: "leadStatuses",
  opportunityStatusIds: "opportunityStatuses",
};

/** Where a value of `CreateWorkflowInput` stands in the document: `["input", "ownerId"]` is at `["owner"]`. */
export function documentPath(inputPath: readonly string[]): string[] {
  const [root, ...rest] = inputPath;
  const path = root === "input" ? rest : inputPath;
  return path.map((key) => (Object.hasOwn(IN_DOCUMENT, key) ? IN_DOCUMENT[key]! : key));
}
