import { expect, it } from "vitest";
import { htmlToText } from "./html-to-text.ts";

it("EML-1: the text beside the HTML keeps lines and links, and leaves out what is not for readers", () => {
  const html = `<html><head><title>x</title><style>p{}</style></head><body><p>Hi &amp; welcome</p>\n<p>See <a href="https://a.test/?x=1">this</a>,<br>please&nbsp;&#33;</p><script>evil()</script></body></html>`;
  expect(htmlToText(html)).toBe("Hi & welcome\n\nSee this (https://a.test/?x=1),\nplease !");
});

it("REL-9: odd HTML ends in linear time", () => {
  for (const html of ["<".repeat(200_000), "<style>".repeat(30_000), "<a href=".repeat(20_000), "&".repeat(200_000)]) {
    const started = performance.now();
    htmlToText(html);
    expect(performance.now() - started).toBeLessThan(1000);
  }
});
