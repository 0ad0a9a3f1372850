import { Document, isCollection, isNode, type Node } from "yaml";
import type { WorkflowDocument } from "./document.ts";
import type { Remark } from "./name-writer.ts";

/** Small things that read best on one line. */
const ON_ONE_LINE: ReadonlySet<string> = new Set(["delay", "due", "reentry", "exclusivity"]);

/**
 * A document as YAML text. What YAML 1.1 would read as something else (`no`, times, dates) is quoted too, so that every
 * reader reads the same.
 */
export function writeYaml(document: WorkflowDocument, remarks: readonly Remark[]): string {
  const yaml = new Document(document, {
    version: "1.2",
    schema: "core",
    aliasDuplicateObjects: false,
    compat: "yaml-1.1",
  });
  const at = (path: readonly unknown[]): Node | null => {
    const node = yaml.getIn(path, true);
    return isNode(node) ? node : null;
  };
  const flow = (node: Node | null): void => {
    if (isCollection(node)) node.flow = true;
  };
  for (const key of ON_ONE_LINE) flow(at([key]));
  for (const index of (document.schedule?.ranges ?? []).keys()) flow(at(["schedule", "ranges", index]));
  for (const [index, { task }] of (document.steps ?? []).entries()) {
    flow(at(["steps", index, "delay"]));
    if (task) flow(at(["steps", index, "task", "due"]));
  }
  for (const { path, text } of remarks) {
    const node = at(path);
    if (node) node.comment = ` ${text}`;
  }
  return yaml.toString({ lineWidth: 0, blockQuote: "literal" });
}
