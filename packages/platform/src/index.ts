export { type Clock, OffsetClock, realClock } from "./clock.ts";
export { baseConfig, ConfigError, flag, readConfig } from "./config.ts";
export {
  CadenzaError,
  ForbiddenError,
  messageOf,
  PUBLIC_ERROR_CODES,
  type PublicErrorCode,
  ServiceUnavailableError,
  UnauthenticatedError,
} from "./errors.ts";
export { derivedId, isId, newId } from "./ids.ts";
export { Lifecycle } from "./lifecycle.ts";
export { createLogger, type Logger } from "./logger.ts";
export { type Counter, type Gauge, type Histogram, Metrics } from "./metrics.ts";
export { type Handler, OpsServer, sendJson } from "./ops-server.ts";
export { runService, type ServiceContext } from "./run-service.ts";
export { currentTraceparent, startTracing, traced } from "./tracing.ts";
