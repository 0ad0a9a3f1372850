import { buildSchema, findBreakingChanges } from "graphql";

/** A part of the contract that is absent: not built yet. Everything else that breaks a client differs. */
const ABSENT = /_REMOVED$|_REMOVED_FROM_/;

/** What stands between the contract and the schema that clients see: what would break them, and what is not built yet. */
export function contractChanges(contract: string, api: string): { differs: string[]; missing: string[] } {
  const changes = findBreakingChanges(buildSchema(contract), buildSchema(api));
  const absent = changes.filter(({ type }) => ABSENT.test(type));
  return {
    differs: changes.filter((change) => !absent.includes(change)).map(({ description }) => description),
    missing: absent.map(({ description }) => description),
  };
}
