import { filters, type FilterImplOptions, Liquid, type Template } from "liquidjs";
import { requireValues } from "./required-value.ts";
import { TemplateCache } from "./template-cache.ts";

/** Longest template that is parsed, in UTF-16 units. */
export const MAX_SOURCE_LENGTH = 200_000;

/** Nothing that reads files or other templates, and nothing whose variables cannot be checked (`echo`, `liquid`). */
const ALLOWED_TAGS: ReadonlySet<string> = new Set([
  "assign",
  "break",
  "capture",
  "case",
  "comment",
  "continue",
  "cycle",
  "decrement",
  "for",
  "if",
  "increment",
  "raw",
  "unless",
  "#",
]);

/** Text, numbers, lists and dates. Left out: filters that evaluate expressions, look into objects, or hash. */
const ALLOWED_FILTERS: ReadonlySet<string> = new Set(
  (
    "abs append at_least at_most capitalize ceil compact concat date default divided_by downcase escape escape_once " +
    "first floor join last lstrip map minus modulo newline_to_br plus prepend raw remove remove_first replace replace_first " +
    "reverse round rstrip size slice sort sort_natural split strip strip_newlines sum times truncate truncatewords uniq upcase url_encode where"
  ).split(" "),
);

type DateFilter = (this: unknown, value: unknown, format?: unknown, timeZone?: unknown) => unknown;
type TextFilter = (this: unknown, value: unknown) => string;
type FilterThis = { context: { globals: Record<string, unknown> } };

/** Parses templates of one output format; each source once. */
export class TemplateEngine {
  readonly #liquid: Liquid;
  readonly #cache = new TemplateCache<Template[]>();

  constructor(output: "html" | "plain") {
    const html = output === "html";
    this.#liquid = new Liquid({
      strictVariables: true,
      strictFilters: true,
      lenientIf: true,
      ownPropertyOnly: true,
      dynamicPartials: false,
      parseLimit: MAX_SOURCE_LENGTH,
      outputEscape: html ? "escape" : undefined,
      templates: {},
    });
    for (const tag of Object.keys(this.#liquid.tags)) if (!ALLOWED_TAGS.has(tag)) delete this.#liquid.tags[tag];
    const original = new Map(Object.entries(filters));
    // The escape that ends every HTML output is bound by the engine already; these two make HTML themselves.
    for (const name of Object.keys(this.#liquid.filters))
      if (!ALLOWED_FILTERS.has(name)) delete this.#liquid.filters[name];
    this.#liquid.registerFilter("date", dateOfContext(original.get("date") as DateFilter));
    if (html) {
      const escape = original.get("escape") as TextFilter;
      const breaks = original.get("newline_to_br") as TextFilter;
      this.#liquid.registerFilter("escape", { raw: true, handler: escape });
      this.#liquid.registerFilter("escape_once", { raw: true, handler: original.get("escape_once") as TextFilter });
      this.#liquid.registerFilter("newline_to_br", {
        raw: true,
        handler: function (this: unknown, value: unknown) {
          return breaks.call(this, escape.call(this, value));
        },
      } as FilterImplOptions);
    }
  }

  /** @throws LiquidError when the source is not a template. */
  parse(source: string): Template[] {
    return this.#cache.get(source, () => requireValues(this.#liquid.parse(source), this.#liquid));
  }

  /** Everything is bounded: `maxMs` of time, `maxUnits` of characters and list entries made on the way. */
  render(
    templates: Template[],
    options: { variables: object; globals: object; maxMs: number; maxUnits: number },
  ): string {
    const { variables, globals, maxMs, maxUnits } = options;
    return this.#liquid.renderSync(templates, variables, {
      globals,
      renderLimit: maxMs,
      memoryLimit: maxUnits,
    }) as string;
  }
}

/** "now" is the caller's clock, and a date is told in the caller's zone unless the template names one. */
function dateOfContext(date: DateFilter): DateFilter {
  return function (this: unknown, value, format, timeZone) {
    const { now, timeZone: zone } = (this as FilterThis).context.globals;
    const instant = value === "now" || value === "today" ? now : value;
    return date.call(this, instant, format, timeZone ?? zone);
  };
}
