import type { RpcServices } from "@cadenza/contracts";
import { type Clock, ServiceUnavailableError } from "@cadenza/platform";
import { isDatabaseOutage } from "@cadenza/storage";
import type { Crm } from "../crm.ts";
import { catalog } from "./catalog.ts";
import { checkReferences } from "./check-references.ts";
import { findContacts } from "./find-contacts.ts";
import { findStalled } from "./find-stalled.ts";
import { resolveIdentity } from "./identity.ts";
import { getSubjects } from "./subjects.ts";

/** The gRPC services of the CRM. Each request names the one organization that it is answered for. */
export function rpcServices({ stores, catalogs }: Crm, clock: Clock): Pick<RpcServices, "CrmReader" | "Identity"> {
  return {
    CrmReader: {
      getSubjects: answering((request) => getSubjects(stores, catalogs, request)),
      findContacts: answering((request) =>
        findContacts({ contacts: stores.contacts, catalogs, now: clock.now() }, request),
      ),
      checkReferences: answering((request) => checkReferences(stores, catalogs, request)),
      catalog: answering((request) => catalog(stores, catalogs, request)),
      findStalled: answering((request) => findStalled(stores.opportunities, catalogs, request)),
    },
    Identity: { resolve: answering((request) => resolveIdentity(stores, clock, request)) },
  };
}

/** Whoever asks while the database is away may ask again. */
function answering<Q, A>(answer: (request: Q) => Promise<A>): (request: Q) => Promise<A> {
  return async (request) => {
    try {
      return await answer(request);
    } catch (cause) {
      if (isDatabaseOutage(cause)) throw new ServiceUnavailableError("The CRM", { cause });
      throw cause;
    }
  };
}
