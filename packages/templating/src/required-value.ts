import { Filter, type Liquid, Output, type Template, toValueSync, TypeGuards, type Value } from "liquidjs";

/** A template asked for something that is not there, and gave no fallback (EML-1). */
export class MissingVariableError extends Error {
  readonly variable: string;

  constructor(variable: string) {
    super(`${variable} is missing`);
    this.name = "MissingVariableError";
    this.variable = variable;
  }
}

/** A template prints something that has no text, such as a whole object. */
export class UnprintableVariableError extends Error {
  readonly variable: string;

  constructor(variable: string) {
    super(`${variable} is not text`);
    this.name = "UnprintableVariableError";
    this.variable = variable;
  }
}

type CheckContext = { context: { memoryLimit: { use(units: number): void } } };

/** Makes every printed variable without a `default` refuse to be empty. Changes the templates and gives them back. */
export function requireValues(templates: Template[], liquid: Liquid): Template[] {
  for (const template of templates) {
    if (template instanceof Output) requireValue(template.value, liquid);
    else if (template.children) requireValues(toValueSync(template.children(false, true)) as Template[], liquid);
  }
  return templates;
}

function requireValue(value: Value, liquid: Liquid): void {
  const [token] = value.initial.postfix;
  if (value.initial.postfix.length !== 1 || !TypeGuards.isPropertyAccessToken(token)) return;
  if (value.filters.some(({ name }) => name === "default")) return;
  const variable = token.getText();
  const printsItself = value.filters.every(
    ({ name }) => name === "raw" || name === "escape" || !(name in liquid.filters),
  );
  function check(this: CheckContext, found: unknown): unknown {
    // Captures that print themselves twice over double with every turn of a loop.
    if (typeof found === "string") this.context.memoryLimit.use(found.length);
    if (isEmpty(found)) throw new MissingVariableError(variable);
    if (printsItself && isPlainObject(found)) throw new UnprintableVariableError(variable);
    return found;
  }
  value.filters.unshift(new Filter({ name: "required", args: [] } as never, check, liquid));
}

function isEmpty(value: unknown): boolean {
  if (typeof value === "string") return value.trim() === "";
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
