const PATH = /^(?:lead|contact|opportunity|event\.data)\.custom\.(.+)$/;

/** The custom field that a path such as `lead.custom.<field id>` names; null for any other path. */
export function customFieldIdOf(path: string): string | null {
  return PATH.exec(path)?.[1] ?? null;
}
