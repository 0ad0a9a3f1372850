import { MAX_SOURCE_LENGTH, TemplateEngine } from "./engine.ts";
import { reasonOfError, TEMPLATE_TOO_LARGE, type TemplateReason, tookTooLong } from "./template-reason.ts";

/**
 * - `html`: what variables hold is escaped, unless the template says `| raw`;
 * - `line`: for headers such as a subject: one line, whatever the variables hold (REL-9);
 * - `text`: as it comes;
 * - `value`: for a field: as it comes, without surrounding space.
 */
export type TemplateFormat = "html" | "line" | "text" | "value";

export type RenderOptions = {
  format: TemplateFormat;
  /** What "now" means in the template. */
  now: Date;
  /** IANA zone that dates are told in (default "UTC"). */
  timeZone?: string;
  /** Longest result, in UTF-16 units (default 200,000). */
  maxOutput?: number;
  /** Longest time for the rendering (default 50 ms). */
  maxMs?: number;
};

export type Rendered = { ok: true; text: string } | { ok: false; reason: TemplateReason };

const html = new TemplateEngine("html");
const plain = new TemplateEngine("plain");

/** Characters and list entries that filters may make on the way: some ten times the longest result. */
const MAX_UNITS = 2_000_000;
/** Line breaks as any mail program may read them, and other control characters. */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;

/**
 * Renders Liquid with nothing within reach but `variables`. A printed variable that is missing or empty and has no
 * `default` is a reason that names it (EML-1). Never throws for what a template or its variables hold.
 */
export function renderTemplate(source: string, variables: object, options: RenderOptions): Rendered {
  const first = renderOnce(source, variables, options);
  // The process may have been stopped in the middle (a collection, a busy machine): that is not the template's fault.
  return !first.ok && tookTooLong(first.reason) ? renderOnce(source, variables, options) : first;
}

/** Whether a source can be rendered at all: for saving it. Null when it can. */
export function checkTemplate(source: string, format: TemplateFormat = "html"): TemplateReason | null {
  try {
    engineOf(format).parse(source);
    return source.length > MAX_SOURCE_LENGTH ? TEMPLATE_TOO_LARGE : null;
  } catch (error) {
    return reasonOfError(error);
  }
}

function renderOnce(source: string, variables: object, options: RenderOptions): Rendered {
  const { format, now, timeZone = "UTC", maxOutput = 200_000, maxMs = 50 } = options;
  const engine = engineOf(format);
  try {
    const globals = Object.assign(Object.create(null) as object, { now: now.toISOString(), timeZone });
    const text = engine.render(engine.parse(source), { variables, globals, maxMs, maxUnits: MAX_UNITS });
    if (text.length > maxOutput) return { ok: false, reason: TEMPLATE_TOO_LARGE };
    return { ok: true, text: finished(text, format) };
  } catch (error) {
    return { ok: false, reason: reasonOfError(error) };
  }
}

function engineOf(format: TemplateFormat): TemplateEngine {
  return format === "html" ? html : plain;
}

function finished(text: string, format: TemplateFormat): string {
  if (format === "line") return text.replace(BREAKS, " ").trim();
  return format === "value" ? text.trim() : text;
}
