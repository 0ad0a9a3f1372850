import type { Condition } from "@cadenza/contracts";
import type { Document, Filter } from "@cadenza/storage";
import type { Catalog } from "../catalog/catalog.ts";
import type { Contact } from "../contacts/contact.ts";
import type { Lead } from "../leads/lead.ts";
import { conditionFilter } from "./condition-filter.ts";
import { readWhere, speaksOf } from "./read-where.ts";
import { storedField } from "./stored-field.ts";

/** A condition on contacts that may speak of their leads too, which stand in documents of their own. */
export type ContactWhere = {
  /** The parts that speak of leads alone, as large as they go. */
  ofLead: Filter<Lead>[];
  /** The whole, by what the parts found: the ids of the leads of each, in the same order. */
  byLeads: (found: readonly (readonly string[])[]) => Filter<Contact>;
  /** The whole, for contacts that have their lead at `lead`. */
  joined: Filter<Contact>;
};

type Reading = { catalog: Catalog; now: Date; path: readonly string[] };

/** @throws BAD_USER_INPUT with the path to what is wrong. */
export function leadWhere(where: unknown, { catalog, now, path }: Reading): Filter<Lead> {
  const condition = readWhere(where, catalog, ["lead"], path);
  return conditionFilter(condition, (at) => storedField(at, catalog.fields), now) as Filter<Lead>;
}

/** @throws BAD_USER_INPUT with the path to what is wrong. */
export function contactWhere(where: unknown, { catalog, now, path }: Reading): ContactWhere {
  const condition = readWhere(where, catalog, ["contact", "lead"], path);
  const plain = (part: Condition) => conditionFilter(part, (at) => storedField(at, catalog.fields), now);
  const parts: Condition[] = [];
  splitAtLeads(condition, plain, (part) => {
    parts.push(part);
    return {};
  });
  return {
    ofLead: parts.map((part) => plain(part) as Filter<Lead>),
    byLeads: (found) => {
      let next = 0;
      const idsOf = (): Document => ({ leadId: { $in: found[next++] } });
      return splitAtLeads(condition, plain, idsOf) as Filter<Contact>;
    },
    joined: conditionFilter(condition, (at) => joinedField(at, catalog), now) as Filter<Contact>,
  };
}

/** A filter of a condition's parts: those that speak of leads alone are `ofLead`'s. Always goes through them in one order. */
function splitAtLeads(
  condition: Condition,
  plain: (part: Condition) => Document,
  ofLead: (part: Condition) => Document,
): Document {
  if (!speaksOf("lead", condition)) return plain(condition);
  if (!speaksOf("contact", condition)) return ofLead(condition);
  const split = (part: Condition) => splitAtLeads(part, plain, ofLead);
  if ("not" in condition) return { $nor: [split(condition.not)] };
  if ("all" in condition) return { $and: together(condition.all, (all) => ({ all })).map(split) };
  if ("any" in condition) return { $or: together(condition.any, (any) => ({ any })).map(split) };
  throw new Error("A test speaks of one object.");
}

/** What speaks of leads alone as one part. */
function together(parts: readonly Condition[], join: (parts: Condition[]) => Condition): Condition[] {
  const isOfLeads = (part: Condition) => speaksOf("lead", part) && !speaksOf("contact", part);
  const ofLeads = parts.filter(isOfLeads);
  const others = parts.filter((part) => !isOfLeads(part));
  return ofLeads.length > 0 ? [...others, join(ofLeads)] : others;
}

function joinedField(path: string, { fields }: Catalog) {
  const field = storedField(path, fields);
  return path.startsWith("lead.") ? { ...field, name: `lead.${field.name}` } : field;
}
