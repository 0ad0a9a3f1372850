import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkTemplate, renderTemplate, type RenderOptions } from "./render-template.ts";

const now = new Date("2026-03-04T05:06:07.000Z");
const variables = {
  lead: {
    name: "Acme",
    url: null,
    description: "",
    tags: ["a", "b"],
    status: { id: "1", name: "New" },
    custom: { Tier: "Gold", Empty: null },
  },
  contact: { name: "Ada <b>Lovelace</b>", firstName: "Ada", nickname: "Ada\r\nBcc: all@example.com" },
  event: null,
};
const render = (source: string, options: Partial<RenderOptions> = {}) =>
  renderTemplate(source, variables, { format: "text", now, ...options });
const textOf = (source: string, options: Partial<RenderOptions> = {}): string => {
  const rendered = render(source, options);
  if (!rendered.ok) throw new Error(rendered.reason.message);
  return rendered.text;
};
const reasonOf = (source: string, options: Partial<RenderOptions> = {}) => {
  const rendered = render(source, options);
  return rendered.ok ? { code: "OK", message: rendered.text } : rendered.reason;
};

describe("variables", () => {
  it("EML-1: fields and custom fields are rendered", () => {
    expect(
      textOf('{{ contact.firstName }} at {{ lead.name }}, {{ lead.custom["Tier"] }}, {{ lead.status.name }}'),
    ).toBe("Ada at Acme, Gold, New");
  });

  it.each([
    "lead.url",
    "lead.description",
    "lead.nothing",
    "nothing",
    "event.data.x",
    'lead.custom["Empty"]',
    "lead.custom.Unknown",
  ])("EML-1: {{ %s }} without a fallback is an error that names it", (variable) => {
    const reason = reasonOf(`Hi {{ ${variable} }}!`);
    expect(reason.code).toBe("TEMPLATE_VARIABLE_MISSING");
    expect(reason.message).toContain(variable);
  });

  it("EML-1: an empty variable is found inside conditions, loops and captures too", () => {
    expect(reasonOf("{% if lead.name %}{{ lead.url }}{% endif %}").code).toBe("TEMPLATE_VARIABLE_MISSING");
    expect(reasonOf("{% for tag in lead.tags %}{{ lead.url }}{% endfor %}").code).toBe("TEMPLATE_VARIABLE_MISSING");
    expect(reasonOf("{% capture x %}{{ lead.url }}{% endcapture %}").code).toBe("TEMPLATE_VARIABLE_MISSING");
    expect(reasonOf("{{ lead.url | upcase }}").code).toBe("TEMPLATE_VARIABLE_MISSING");
  });

  it.each([
    ["{{ lead.url | default: 'none' }}", "none"],
    ["{{ lead.nothing | default: 'none' }}", "none"],
    ["{{ lead.description | upcase | default: 'none' }}", "none"],
    ["{% if lead.url %}yes{% else %}no{% endif %}", "no"],
    ["{% if lead.nothing %}yes{% else %}no{% endif %}", "no"],
    ["{% for tag in lead.tags %}{{ tag }}{{ forloop.index }}{% endfor %}", "a1b2"],
    ["{{ 'now' | date: '%Y-%m-%d %H:%M' }}", "2026-03-04 05:06"],
  ])("EML-1: %s is fine", (source, expected) => {
    expect(textOf(source)).toBe(expected);
  });

  it("EML-1: a whole object is refused instead of printed as [object Object]", () => {
    expect(reasonOf("{{ lead.status }}").code).toBe("TEMPLATE_INVALID");
    expect(reasonOf("{{ lead.status }}", { format: "html" }).code).toBe("TEMPLATE_INVALID");
  });

  it("EML-1: dates are told in the zone of the caller", () => {
    expect(textOf("{{ '2026-01-01T23:30:00Z' | date: '%d %H:%M' }}", { timeZone: "Europe/Berlin" })).toBe("02 00:30");
  });
});

describe("formats", () => {
  it("REL-9: HTML escapes what variables hold, unless told otherwise", () => {
    expect(textOf("<p>{{ contact.name }}</p>", { format: "html" })).toBe("<p>Ada &lt;b&gt;Lovelace&lt;/b&gt;</p>");
    expect(textOf("{{ contact.name | escape }}", { format: "html" })).toBe("Ada &lt;b&gt;Lovelace&lt;/b&gt;");
    expect(textOf("{{ contact.name | raw }}", { format: "html" })).toBe("Ada <b>Lovelace</b>");
    expect(textOf("{{ contact.name }}")).toBe("Ada <b>Lovelace</b>");
  });

  it("REL-9: a line never holds a line break", () => {
    expect(textOf("Hi {{ contact.nickname }}\r\nX: y", { format: "line" })).toBe("Hi Ada Bcc: all@example.com X: y");
  });

  it("REL-9: no text a variable may hold gets a control character into a line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const rendered = renderTemplate(
          "a {{ v | default: '-' }} b",
          { v: text },
          { format: "line", now, maxMs: 1000 },
        );
        expect(rendered.ok ? rendered.text : "\n").not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      }),
    );
  });
});

describe("the box", () => {
  it.each([
    "{{ ''.constructor }}",
    "{{ lead.constructor }}",
    "{{ constructor }}",
    "{{ __proto__ }}",
    "{{ lead.__proto__.polluted }}",
    '{{ lead["__proto__"] }}',
    "{{ lead.name.constructor.constructor }}",
    "{{ toString }}",
    "{{ lead.toString }}",
    "{{ process.env }}",
    "{{ globalThis }}",
    "{{ lead.tags.constructor }}",
    '{{ lead | map: "constructor" }}',
    '{{ lead.tags | map: "__proto__" | first }}',
  ])("REL-9: %s reaches nothing", (source) => {
    const reason = reasonOf(source);
    expect(reason.code === "OK" ? reason.message : "").not.toMatch(/function|native code|object|PATH/);
  });

  it.each([
    "{% include 'a' %}",
    "{% render '/etc/passwd' %}",
    "{% layout 'a' %}",
    "{% block a %}{% endblock %}",
    "{% liquid\necho 1 %}",
    "{{ lead | json }}",
  ])("REL-9: %s is not there", (source) => {
    expect(reasonOf(source).code).toBe("TEMPLATE_INVALID");
  });

  it.each([
    "{% for i in (1..100000000) %}x{% endfor %}",
    "{% for i in (1..1000) %}{% for j in (1..1000) %}{% for k in (1..1000) %}x{% endfor %}{% endfor %}{% endfor %}",
    "{% assign a = 'xxxxxxxxxx' %}{% for i in (1..100) %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
    `{{ '${"a".repeat(50_000)}' | replace: 'a', '${"b".repeat(50_000)}' }}`,
    "{% capture a %}xxxxxxxxxx{% endcapture %}{% for i in (1..100) %}{% capture a %}{{ a }}{{ a }}{% endcapture %}{% endfor %}{{ a }}",
    "x".repeat(300_000),
    "{{ '1' | date: '%1000000000d' }}",
    "{{ lead.name | ljust: 1000000000 }}",
  ])("REL-9: %# ends soon, with a reason and little memory", (source) => {
    const before = process.memoryUsage().rss;
    const started = performance.now();
    expect(reasonOf(source).code).toMatch(/^TEMPLATE_(TOO_LARGE|TOO_SLOW|INVALID)$/);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  it("REL-9: deep nesting ends with a reason", () => {
    const depth = 8000;
    const source = "{% if lead.name %}".repeat(depth) + "x" + "{% endif %}".repeat(depth);
    const started = performance.now();
    expect(reasonOf(source).code).toMatch(/^(OK|TEMPLATE_.*)$/);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("REL-9: no source makes rendering throw", () => {
    const pieces = fc.constantFrom(
      "{{",
      "}}",
      "{%",
      "%}",
      " if ",
      " endif ",
      " for x in ",
      "lead.name",
      "|",
      "default:",
      "'",
      '"',
      "[",
      "]",
      "(1..3)",
      ".",
      "\n",
      "raw",
      "-",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const source = parts.join("");
        expect(render(source)).toHaveProperty("ok");
        const fault = checkTemplate(source, "text");
        expect(fault !== null && render(source).ok).toBe(false);
      }),
    );
  });
});

describe("saving", () => {
  it("API-5: what is no Liquid is named when it is saved", () => {
    expect(checkTemplate("Hello {{ contact.firstName")?.code).toBe("TEMPLATE_INVALID");
    expect(checkTemplate("{% if a %}")?.message).toContain("if");
    expect(checkTemplate("{{ a | nofilter }}")?.code).toBe("TEMPLATE_INVALID");
    expect(checkTemplate("Hello {{ contact.firstName }}")).toBeNull();
  });
});
