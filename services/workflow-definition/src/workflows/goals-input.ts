import { DEFAULT_GOALS, type Goals } from "@cadenza/contracts";
import type { UserError } from "@cadenza/subgraph";
import type { Given } from "../steps/given.ts";
import { readIds } from "../steps/person-input.ts";

type Switch = Exclude<keyof Goals, "leadStatusIds" | "opportunityStatusIds">;
export type GoalsInput = { [S in Switch]?: Given<boolean> } & {
  leadStatusIds?: Given<string[]>;
  opportunityStatusIds?: Given<string[]>;
};

/** All goals at once: what the input leaves out has its default, the lists none. */
export function readGoals(input: GoalsInput, path: readonly string[], errors: UserError[]): Goals {
  const on = (goal: Switch): boolean => input[goal] ?? DEFAULT_GOALS[goal];
  const statuses = (list: "leadStatusIds" | "opportunityStatusIds"): string[] =>
    readIds(input[list], "statuses", [...path, list], errors);
  return {
    emailReply: on("emailReply"),
    smsReply: on("smsReply"),
    callAnswered: on("callAnswered"),
    meetingBooked: on("meetingBooked"),
    markedAsResponded: on("markedAsResponded"),
    leadStatusIds: statuses("leadStatusIds"),
    opportunityStatusIds: statuses("opportunityStatusIds"),
  };
}
