import { readFileSync } from "node:fs";

export interface Tab {
  readonly query: string;
}

/** The tour's steps, one tab each: `tour.graphql`, cut at its numbered headings. */
export function readTour(): Tab[] {
  return readFileSync(new URL("tour.graphql", import.meta.url), "utf8")
    .split(/^(?=# \d+\. )/m)
    .map((part) => ({ query: part.trimEnd() }));
}
