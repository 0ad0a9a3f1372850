import type { GraphContext } from "../graph-context.ts";
import type { BlackoutCalendar } from "./store.ts";

type Update = { id: string; name?: string | null; dates?: string[] | null };

export const calendarResolvers = {
  Query: {
    blackoutCalendars: (_: unknown, __: unknown, { scope, stores }: GraphContext) => stores.calendars.all(scope),
  },
  Mutation: {
    createBlackoutCalendar: (_: unknown, { name, dates }: { name: string; dates: string[] }, context: GraphContext) =>
      context.services.calendars.create(context, name, dates),
    updateBlackoutCalendar: (_: unknown, { id, ...input }: Update, context: GraphContext) =>
      context.services.calendars.update(context, id, input),
  },
  BlackoutCalendar: {
    id: ({ _id }: BlackoutCalendar) => _id,
  },
};
