import { isDeepStrictEqual } from "node:util";

/** An object's fields by the graph's names; custom fields as `custom.<field id>`. Empty fields are null or absent. */
export type Fields = Record<string, unknown>;

export type Difference = { before: Fields; after: Fields };

/** Changed fields only, each on both sides; null where nothing differs. */
export function diff(before: Fields, after: Fields): Difference | null {
  const changed: Difference = { before: {}, after: {} };
  let any = false;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[name] ?? null, after[name] ?? null];
    if (was === is || (typeof was === "object" && typeof is === "object" && isDeepStrictEqual(was, is))) continue;
    changed.before[name] = was;
    changed.after[name] = is;
    any = true;
  }
  return any ? changed : null;
}

/** Custom values under the names that changes give them. */
export function customFieldsOf(custom: Record<string, unknown>): Fields {
  const fields: Fields = {};
  for (const id of Object.keys(custom)) fields[`custom.${id}`] = custom[id];
  return fields;
}
