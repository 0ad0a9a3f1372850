import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { readJsonFile, writeJsonFile } from "./json-file.ts";

const Secrets = z.object({
  /** Signs the users' tokens. */
  jwt: z.string(),
  /** Signs what the gateway tells the subgraphs. */
  internal: z.string(),
  /** 32 bytes, base64: encrypts stored passwords. */
  secretsKey: z.string(),
});
export type Secrets = z.infer<typeof Secrets>;

/** Made at the first start and kept with the data they protect. */
export function stackSecrets(dataDir: string): Secrets {
  const path = join(dataDir, "secrets.json");
  const found = readJsonFile(path);
  if (found !== null) return Secrets.parse(found);
  const made = {
    jwt: randomBytes(32).toString("base64url"),
    internal: randomBytes(32).toString("base64url"),
    secretsKey: randomBytes(32).toString("base64"),
  };
  writeJsonFile(path, made);
  return made;
}
