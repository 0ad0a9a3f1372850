import { writeJsonFile } from "./json-file.ts";
import type { Organization } from "./organizations.ts";
import type { SupervisedProcess } from "./supervised-process.ts";
import { AUDIENCE, ISSUER, userToken } from "./tokens.ts";

/** `.cadenza/dev.json` (OPS-2): what a test or a tool needs to use the running stack. */
export interface DevFile {
  readonly graphqlUrl: string;
  readonly wsUrl: string;
  /** Null: this version has no console. */
  readonly consoleUrl: string | null;
  readonly mailboxUrl: string;
  readonly smtp: { readonly host: string; readonly port: number };
  readonly telephonyUrl: string;
  readonly capabilities: readonly string[];
  readonly organizations: readonly {
    readonly id: string;
    readonly name: string;
    readonly users: readonly {
      readonly id: string;
      readonly name: string;
      readonly email: string;
      readonly role: string;
      readonly token: string;
    }[];
  }[];
  readonly processes: readonly {
    readonly service: string;
    readonly replica: number;
    readonly pid: number | null;
    readonly healthUrl: string | null;
    readonly metricsUrl: string | null;
    readonly graphqlUrl: string | null;
  }[];
  readonly auth: { readonly issuer: string; readonly audience: string; readonly secret: string };
}

export interface Endpoints {
  readonly gatewayPort: number;
  readonly mailboxPort: number;
  readonly smtpPort: number;
  readonly telephonyPort: number;
}

export async function devFile(
  endpoints: Endpoints,
  organizations: readonly Organization[],
  secret: string,
): Promise<Omit<DevFile, "processes">> {
  return {
    graphqlUrl: `http://127.0.0.1:${endpoints.gatewayPort}/graphql`,
    wsUrl: `ws://127.0.0.1:${endpoints.gatewayPort}/graphql`,
    consoleUrl: null,
    mailboxUrl: `http://127.0.0.1:${endpoints.mailboxPort}`,
    smtp: { host: "127.0.0.1", port: endpoints.smtpPort },
    telephonyUrl: `http://127.0.0.1:${endpoints.telephonyPort}`,
    capabilities: ["telephony-control"],
    organizations: await Promise.all(
      organizations.map(async (organization) => ({
        id: organization.id,
        name: organization.name,
        users: await Promise.all(
          organization.users.map(async ({ id, name, email, role }) => ({
            id,
            name,
            email,
            role,
            token: await userToken(secret, organization, id),
          })),
        ),
      })),
    ),
    auth: { issuer: ISSUER, audience: AUDIENCE, secret },
  };
}

export function writeDevFile(
  path: string,
  dev: Omit<DevFile, "processes">,
  processes: readonly SupervisedProcess[],
): void {
  const listed = processes.map(({ pid, spec }) => ({
    service: spec.service,
    replica: spec.replica,
    pid,
    healthUrl: spec.healthUrl,
    metricsUrl: spec.metricsUrl,
    graphqlUrl: spec.graphqlUrl,
  }));
  writeJsonFile(path, { ...dev, processes: listed });
}
