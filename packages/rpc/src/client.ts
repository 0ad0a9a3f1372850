import { type Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { RPC_SERVICES, type RpcServiceName, type RpcServices } from "@cadenza/contracts";
import { realClock, ServiceUnavailableError } from "@cadenza/platform";
import { signInternalIdentity } from "./internal-identity.ts";
import { IDENTITY_KEY, MAX_MESSAGE_BYTES, type RpcRecord, serviceConstructor } from "./service-definition.ts";

export type RpcClientOptions = {
  internalSecret: string;
  /** Who asks, for the other side's logs. */
  service: string;
  /** Longest a call may take (default 2,000 ms). */
  deadlineMs?: number;
};

/** Retries on UNAVAILABLE only: nothing was begun then. */
const SERVICE_CONFIG = JSON.stringify({
  methodConfig: [
    {
      name: [{}],
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: "0.05s",
        maxBackoff: "0.5s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
});
const TOKEN_TTL_SECONDS = 120;

/**
 * A client of another service's batched reads.
 * @throws ServiceUnavailableError from each call when the other side does not answer in time.
 */
export function createRpcClient<S extends RpcServiceName>(
  name: S,
  address: string,
  options: RpcClientOptions,
): RpcServices[S] & { close(): void } {
  const client = new (serviceConstructor(name))(address, credentials.createInsecure(), {
    "grpc.service_config": SERVICE_CONFIG,
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
    // A restarted peer is found again soon.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
    "grpc.keepalive_time_ms": 30_000,
  });
  const metadata = serviceMetadata(options);
  const calls = RPC_SERVICES[name].map(
    (call) => [call, async (request: unknown) => unary(client, call, request, await metadata(), options)] as const,
  );
  return { ...Object.fromEntries(calls), close: () => client.close() } as unknown as RpcServices[S] & { close(): void };
}

type UnaryMethod = (
  request: RpcRecord,
  metadata: Metadata,
  callOptions: { deadline: number },
  done: (error: ServiceError | null, answer?: RpcRecord) => void,
) => void;

function unary(
  client: Client,
  call: string,
  request: unknown,
  metadata: Metadata,
  options: RpcClientOptions,
): Promise<unknown> {
  const method = (client as unknown as Record<string, UnaryMethod>)[call]!.bind(client);
  const deadline = realClock.now().getTime() + (options.deadlineMs ?? 2000);
  return new Promise((resolve, reject) => {
    method({ json: JSON.stringify(request) }, metadata, { deadline }, (error, answer) => {
      if (answer) resolve(JSON.parse(answer.json));
      else reject(translate(error!));
    });
  });
}

function translate(error: ServiceError): Error {
  const isAway =
    error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED || error.code === status.CANCELLED;
  return isAway ? new ServiceUnavailableError("A part of Cadenza", { cause: error }) : error;
}

/** Metadata with this service's own identity, signed anew before it runs out. */
function serviceMetadata(options: RpcClientOptions): () => Promise<Metadata> {
  let current: { metadata: Metadata; renewAtMs: number } | undefined;
  return async () => {
    const nowMs = realClock.now().getTime();
    if (current && current.renewAtMs > nowMs) return current.metadata;
    const metadata = new Metadata();
    const identity = {
      organizationId: "*",
      role: "SERVICE" as const,
      actor: { kind: "SYSTEM" as const, id: null, label: options.service },
    };
    metadata.set(
      IDENTITY_KEY,
      await signInternalIdentity(identity, options.internalSecret, { ttlSeconds: TOKEN_TTL_SECONDS }),
    );
    current = { metadata, renewAtMs: nowMs + (TOKEN_TTL_SECONDS - 30) * 1000 };
    return metadata;
  };
}
