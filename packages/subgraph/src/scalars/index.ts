import { date } from "./date.ts";
import { dateTime } from "./date-time.ts";
import { decimal } from "./decimal.ts";
import { json } from "./json.ts";
import { localTime } from "./local-time.ts";
import { timeZone } from "./time-zone.ts";

/** The scalars of the public graph. `createSubgraph` adds those that a schema uses. */
export const scalarResolvers = {
  DateTime: dateTime,
  Date: date,
  LocalTime: localTime,
  TimeZone: timeZone,
  Decimal: decimal,
  JSON: json,
};

/** Their definitions, with the descriptions of the public graph. */
export const scalarTypeDefs = Object.values(scalarResolvers)
  .map((scalar) => (scalar.description ? `${JSON.stringify(scalar.description)}\n` : "") + `scalar ${scalar.name}`)
  .join("\n");
