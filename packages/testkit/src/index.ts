export { eventually, type EventuallyOptions } from "./eventually.ts";
export { type FaultMode, type FaultProxy, type FaultProxyOptions, startFaultProxy } from "./fault-proxy.ts";
export {
  type ReceivedMail,
  type SmtpBehaviour,
  type SmtpServerOptions,
  startSmtpServer,
  type TestSmtpServer,
} from "./smtp-server.ts";
export { TestClock } from "./test-clock.ts";
export { startMongo, type TestDatabase, testDatabase } from "./test-database.ts";
export { startNats, streamPrefix } from "./test-nats.ts";
