import { loadPackageDefinition, type ServiceClientConstructor } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { PROTO_PATH, type RpcServiceName } from "@cadenza/contracts";

/** The metadata key that carries the signed identity. */
export const IDENTITY_KEY = "x-cadenza-identity";
/** Answers hold up to 200 subjects with all their contacts. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

export type RpcRecord = { json: string };

const loaded = loadPackageDefinition(loadSync(PROTO_PATH)) as unknown as {
  cadenza: { v1: Record<RpcServiceName, ServiceClientConstructor> };
};

export function serviceConstructor(name: RpcServiceName): ServiceClientConstructor {
  return loaded.cadenza.v1[name];
}
