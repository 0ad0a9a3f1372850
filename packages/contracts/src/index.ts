export * from "./values.ts";
export * from "./definition.ts";
export * from "./commands.ts";
export * from "./events.ts";
export * from "./catalogue.ts";
export * from "./rpc.ts";
export { PROTO_PATH, RPC_SERVICES, type RpcServiceName, type RpcServices } from "./rpc-services.ts";
