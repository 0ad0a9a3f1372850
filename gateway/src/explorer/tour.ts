import { readFileSync } from "node:fs";

export type Tab = { query: string; variables?: string };

/** The tour's steps: `tour.graphql`, cut at its headings; a comment `# variables: {…}` goes to the variables editor. */
export function readTour(): Tab[] {
  return readFileSync(new URL("tour.graphql", import.meta.url), "utf8")
    .split(/^(?=# \d+\. )/m)
    .filter((part) => part.startsWith("# "))
    .map((part) => {
      const variables = /^# variables: (.*)\n/m.exec(part);
      const query = part.replace(variables?.[0] ?? "", "").trimEnd();
      return variables ? { query, variables: JSON.stringify(JSON.parse(variables[1]!), null, 2) } : { query };
    });
}
