export { type FoundProgram, NoProgramError } from "./find-program.ts";
export { freePort, isPortFree } from "./free-port.ts";
export { findMongod, initiateReplicaSet, mongodArguments, type MongodOptions, mongodUrl } from "./mongod.ts";
export { awaitJetStream, findNatsServer, natsArguments, type NatsOptions, natsUrl } from "./nats-server.ts";
export { startTemporaryMongod, startTemporaryNats, type TemporaryServer } from "./temporary-server.ts";
