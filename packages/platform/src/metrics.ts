import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export type { Counter, Gauge, Histogram };

/** Buckets in seconds, from 1 ms to a minute. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A process's Prometheus metrics. Names get the prefix `cadenza_`; labels must be of low cardinality, never ids. */
export class Metrics {
  readonly registry = new Registry();

  constructor(options: { service: string; replica?: number }) {
    this.registry.setDefaultLabels({ service: options.service, replica: String(options.replica ?? 0) });
    // Event-loop delay, memory, CPU.
    collectDefaultMetrics({ register: this.registry });
  }

  counter<L extends string = never>(name: string, help: string, labels: readonly L[] = []): Counter<L> {
    return new Counter({ name: `cadenza_${name}`, help, labelNames: [...labels], registers: [this.registry] });
  }

  /** With `collect`, the value is asked for at each scrape. */
  gauge<L extends string = never>(
    name: string,
    help: string,
    labels: readonly L[] = [],
    collect?: (gauge: Gauge<L>) => void | Promise<void>,
  ): Gauge<L> {
    return new Gauge<L>({
      name: `cadenza_${name}`,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      ...(collect
        ? {
            collect() {
              return collect(this);
            },
          }
        : {}),
    });
  }

  /** Of seconds, unless other buckets are given. */
  histogram<L extends string = never>(
    name: string,
    help: string,
    labels: readonly L[] = [],
    buckets: readonly number[] = SECONDS,
  ): Histogram<L> {
    return new Histogram({
      name: `cadenza_${name}`,
      help,
      labelNames: [...labels],
      buckets: [...buckets],
      registers: [this.registry],
    });
  }
}
