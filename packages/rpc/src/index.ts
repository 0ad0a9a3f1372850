export { createRpcClient, type RpcClientOptions } from "./client.ts";
export {
  type InternalIdentity,
  type InternalRole,
  signInternalIdentity,
  verifyInternalIdentity,
} from "./internal-identity.ts";
export { createRpcServer, type RpcServerOptions } from "./server.ts";
