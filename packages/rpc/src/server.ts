import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { RPC_SERVICES, type RpcServiceName, type RpcServices } from "@cadenza/contracts";
import { CadenzaError, type Logger, messageOf, type PublicErrorCode } from "@cadenza/platform";
import { verifyInternalIdentity } from "./internal-identity.ts";
import { IDENTITY_KEY, MAX_MESSAGE_BYTES, type RpcRecord, serviceConstructor } from "./service-definition.ts";

const STATUS: Partial<Record<PublicErrorCode, status>> = {
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  FORBIDDEN: status.PERMISSION_DENIED,
  BAD_USER_INPUT: status.INVALID_ARGUMENT,
  NOT_FOUND: status.NOT_FOUND,
  SERVICE_UNAVAILABLE: status.UNAVAILABLE,
};

export type RpcServerOptions = {
  /** 0 takes a free one. */
  port: number;
  internalSecret: string;
  log: Logger;
  services: Partial<RpcServices>;
};

/** Serves batched reads to other services; every call must carry a signed identity. */
export async function createRpcServer(options: RpcServerOptions): Promise<{ port: number; close(): Promise<void> }> {
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  for (const name of Object.keys(options.services) as RpcServiceName[]) {
    const implementation = options.services[name] as Record<string, (request: unknown) => Promise<unknown>>;
    server.addService(serviceConstructor(name).service, handlersOf(name, implementation, options));
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`0.0.0.0:${options.port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.forceShutdown(), 2000);
        server.tryShutdown(() => {
          clearTimeout(cut);
          resolve();
        });
      }),
  };
}

function handlersOf(
  name: RpcServiceName,
  implementation: Record<string, (request: unknown) => Promise<unknown>>,
  options: RpcServerOptions,
): UntypedServiceImplementation {
  const handlers = RPC_SERVICES[name].map((call) => {
    const handler = (request: ServerUnaryCall<RpcRecord, RpcRecord>, answer: sendUnaryData<RpcRecord>): void => {
      verify(request, options.internalSecret)
        .then(() => implementation[call]!(JSON.parse(request.request.json)))
        .then((response) => answer(null, { json: JSON.stringify(response) }))
        .catch((error: unknown) => {
          if (!(error instanceof CadenzaError)) options.log.error({ err: error, call }, "A call failed.");
          answer({
            code: (error instanceof CadenzaError && STATUS[error.code]) || status.INTERNAL,
            details: error instanceof CadenzaError ? messageOf(error) : "internal",
          });
        });
    };
    return [call, handler] as const;
  });
  return Object.fromEntries(handlers);
}

/** Tokens are reused for a minute by their owners: each is checked once. */
const verified = new Map<string, number>();

async function verify(call: ServerUnaryCall<RpcRecord, RpcRecord>, secret: string): Promise<void> {
  const token = String(call.metadata.get(IDENTITY_KEY)[0] ?? "");
  const seconds = performance.timeOrigin + performance.now();
  if ((verified.get(token) ?? 0) > seconds) return;
  const { expiresAtMs } = await verifyInternalIdentity(token, secret);
  if (verified.size > 1000) verified.clear();
  verified.set(token, expiresAtMs);
}
