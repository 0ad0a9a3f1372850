import { isId } from "@cadenza/platform";
import { badUserInput, pageArguments, toConnection } from "@cadenza/subgraph";
import type { GraphContext } from "../run-graph/graph-context.ts";
import type { RefusalPlace, StartRefusal } from "./refusal-store.ts";

type PageArguments = { first?: number | null; after?: string | null };

export const refusalResolvers = {
  Workflow: {
    startRefusals: async ({ id }: { id: string }, page: PageArguments, { scope, refusals, clock }: GraphContext) => {
      const { limit, after } = pageArguments(page);
      const query = {
        workflowId: id,
        after: after === null ? null : placeOf(after),
        limit: limit + 1,
        now: clock.now(),
      };
      return toConnection(await refusals.newest(scope, query), limit, cursorOf);
    },
  },
  StartRefusal: {
    lead: ({ leadId }: StartRefusal) => ({ id: leadId }),
    contact: ({ contactId }: StartRefusal) => contactId && { id: contactId },
  },
};

function cursorOf({ at, _id }: StartRefusal): string {
  return `${at.getTime()}:${_id}`;
}

function placeOf(cursor: string): RefusalPlace {
  const [time = "", id] = cursor.split(":");
  const at = new Date(Number(time));
  if (time === "" || Number.isNaN(at.getTime()) || !isId(id))
    throw badUserInput("after is not a cursor of this list.", ["after"]);
  return { at, id };
}
