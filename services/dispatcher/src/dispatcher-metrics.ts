import type { Counter, Gauge, Histogram, Metrics } from "@cadenza/platform";
import type { Answer } from "./providers/provider.ts";

/** What operators see of the dispatcher (OPS-5). Labels name kinds, never accounts or addresses. */
export type DispatcherMetrics = {
  sends: Counter<"outcome">;
  providerSeconds: Histogram;
  unknown: Counter;
  held: Counter<"why">;
};

/** What is asked for at each scrape. */
export type DispatcherState = {
  inFlight(): number;
  queues(): number;
  /** Seconds by which the oldest message that could go out is late. */
  queueAgeSeconds(): number;
  /** Share of the tightest limit of any account that is used, 0 to 1. */
  limitUsed(): number;
};

export function createDispatcherMetrics(metrics: Metrics, state: DispatcherState): DispatcherMetrics {
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    metrics.gauge(name, help, [], (own) => own.set(read()));
  gauge("sends_in_flight", "Messages between their turn and their committed outcome.", () => state.inFlight());
  gauge("send_queues", "Accounts with something to send.", () => state.queues());
  gauge("send_queue_age_seconds", "How late the oldest message is that could go out.", () => state.queueAgeSeconds());
  gauge("send_limit_used", "Share of the tightest limit of any account that is used.", () => state.limitUsed());
  return {
    sends: metrics.counter("sends_total", "Attempts by the provider's answer.", ["outcome"]),
    providerSeconds: metrics.histogram("send_provider_seconds", "Time the provider takes for one message."),
    unknown: metrics.counter("sends_unknown_total", "Messages that became UNKNOWN_OUTCOME."),
    held: metrics.counter("sends_held_total", "Messages that were not sent at their turn.", ["why"]),
  };
}

export function outcomeLabel(answer: Answer): string {
  if (answer.kind === "refused") return `refused_${answer.fault.toLowerCase()}`;
  return answer.kind === "deferred" ? `deferred_${answer.scope.toLowerCase()}` : answer.kind;
}
