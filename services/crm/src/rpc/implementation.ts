import type { RpcServices } from "@cadenza/contracts";
import type { Clock } from "@cadenza/platform";
import type { Crm } from "../crm.ts";
import { checkReferences } from "./check-references.ts";
import { findContacts } from "./find-contacts.ts";
import { resolveIdentity } from "./identity.ts";
import { getSubjects } from "./subjects.ts";

/** The gRPC services of the CRM. Each request names the one organization that it is answered for. */
export function rpcServices({ stores, catalogs }: Crm, clock: Clock): Pick<RpcServices, "CrmReader" | "Identity"> {
  return {
    CrmReader: {
      getSubjects: (request) => getSubjects(stores, catalogs, request),
      findContacts: (request) => findContacts(stores.contacts, request),
      checkReferences: (request) => checkReferences(stores, catalogs, request),
    },
    Identity: { resolve: (request) => resolveIdentity(stores, clock, request) },
  };
}
