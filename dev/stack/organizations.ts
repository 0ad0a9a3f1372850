import { newId, realClock } from "@cadenza/platform";
import { join } from "node:path";
import { z } from "zod";
import { readJsonFile, writeJsonFile } from "./json-file.ts";

const Role = z.enum(["ADMIN", "MEMBER", "VIEWER"]);
const Organization = z.object({
  id: z.string(),
  name: z.string(),
  timeZone: z.string(),
  country: z.string(),
  users: z.array(z.object({ id: z.string(), name: z.string(), email: z.string(), role: Role, timeZone: z.string() })),
});
const OrganizationsFile = z.object({ organizations: z.array(Organization) });
export type Organization = z.infer<typeof Organization>;

const PEOPLE = {
  Demo: ["Ada Lindqvist", "Milo Brandt", "Vera Okafor"],
  Other: ["Otto Keller", "Mina Sato", "Vito Rossi"],
} as const;
const timeZone = "Europe/Berlin";

export interface BootstrapOrganizations {
  /** The file that crm reads. */
  readonly path: string;
  readonly organizations: readonly Organization[];
}

/** The two organizations of the local stack (OPS-2). Their ids are drawn at the first start and kept with the data. */
export function bootstrapOrganizations(dataDir: string): BootstrapOrganizations {
  const path = join(dataDir, "organizations.json");
  const found = readJsonFile(path);
  if (found !== null) return { path, ...OrganizationsFile.parse(found) };
  const organizations = Object.entries(PEOPLE).map(([name, people]) => ({
    id: newId(realClock.now()),
    name,
    timeZone,
    country: "DE",
    users: Role.options.map((role, index) => ({
      id: newId(realClock.now()),
      name: people[index] ?? role,
      email: `${role.toLowerCase()}@${name.toLowerCase()}.example`,
      role,
      timeZone,
    })),
  }));
  writeJsonFile(path, { organizations });
  return { path, organizations };
}
