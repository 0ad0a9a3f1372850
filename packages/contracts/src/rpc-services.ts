import { fileURLToPath } from "node:url";
import type { CrmReader, DefinitionsService, IdentityService, SendsService } from "./rpc.ts";

export const PROTO_PATH = fileURLToPath(new URL("../proto/cadenza.proto", import.meta.url));

/** The services in the proto file and the types of their calls. */
export type RpcServices = {
  CrmReader: CrmReader;
  Identity: IdentityService;
  Definitions: DefinitionsService;
  Sends: SendsService;
};
export type RpcServiceName = keyof RpcServices;
/** Each service's calls, as `src/rpc.ts` names them. */
export const RPC_SERVICES = {
  CrmReader: ["getSubjects", "findContacts", "checkReferences", "catalog", "findStalled"],
  Identity: ["resolve"],
  Definitions: ["current", "get", "listTriggered", "problems"],
  Sends: ["checkTemplates", "findTemplates", "getCalls", "previewEmails", "countDue"],
} as const satisfies { [S in RpcServiceName]: readonly (keyof RpcServices[S])[] };
