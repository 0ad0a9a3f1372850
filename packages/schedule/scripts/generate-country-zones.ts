/**
 * Writes `src/generated/country-zones.json` from the IANA database's `zone.tab` (public domain), in the order of that file.
 * Run: node packages/schedule/scripts/generate-country-zones.ts [/usr/share/zoneinfo/zone.tab]
 */
import { readFileSync, writeFileSync } from "node:fs";

const source = process.argv[2] ?? "/usr/share/zoneinfo/zone.tab";
const zones: Record<string, string[]> = {};
for (const line of readFileSync(source, "utf8").split("\n")) {
  const [country, , zone] = line.split("\t");
  if (!country || country.startsWith("#") || !zone) continue;
  (zones[country] ??= []).push(zone);
}
const sorted = Object.fromEntries(Object.entries(zones).toSorted(([a], [b]) => a.localeCompare(b)));
writeFileSync(new URL("../src/generated/country-zones.json", import.meta.url), `${JSON.stringify(sorted, null, 1)}\n`);
