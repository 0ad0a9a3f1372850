import { context, type Context, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

/** Starts exporting traces where an endpoint is given; without one, spans cost next to nothing. @returns the flush on close. */
export function startTracing(options: { service: string; endpoint?: string | undefined }): () => Promise<void> {
  if (!options.endpoint) return async () => {};
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": `cadenza-${options.service}` }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/$/, "")}/v1/traces` })),
    ],
  });
  provider.register();
  return () => provider.shutdown();
}

const tracer = trace.getTracer("cadenza");

/** W3C `traceparent` of the span in progress, to send along; undefined when nothing is traced. */
export function currentTraceparent(): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier["traceparent"];
}

/** Runs `work` inside a span that continues `traceparent`. Errors are recorded and thrown on. */
export function traced<T>(
  name: string,
  options: { traceparent?: string | undefined; kind?: SpanKind; attributes?: Record<string, string | number> },
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const parent: Context = options.traceparent
    ? propagation.extract(context.active(), { traceparent: options.traceparent })
    : context.active();
  return tracer.startActiveSpan(
    name,
    { kind: options.kind ?? SpanKind.INTERNAL, attributes: options.attributes ?? {} },
    parent,
    async (span) => {
      try {
        return await work(span);
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.recordException(error instanceof Error ? error : String(error));
        throw error;
      } finally {
        span.end();
      }
    },
  );
}
