/**
 * Preload (`node --import ./services/kit/telemetry.ts …`): traces, metrics and logs of this process go out as OTLP.
 * The SDK is put together from its parts: `sdk-node` loads every exporter there is (16 MB), and the asynchronous
 * loader hook costs a thread (55 MB). Requests are traced by `kit/trace-requests.ts`, calls between services by
 * `kit/fetch.ts`, what databases are asked by `kit/trace-queries.ts`.
 */
import {
  context,
  logs,
  metrics,
  ProxyTracerProvider,
  propagation,
  type TracerProvider as Tracers,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { register } from 'import-in-the-middle/register-hooks.mjs';
import manifest from '../../package.json' with { type: 'json' };
import { readTelemetryEnv, type TelemetryEnv } from './env.ts';
import { hurryOnErrors, scheduleExports } from './export-schedule.ts';

const settings = readTelemetryEnv();
if (settings !== null) start(settings);

function start({ metricIntervalMs, exportIntervalMs }: TelemetryEnv): void {
  // ES modules that are patched; the rest is CommonJS or built in, which needs no loader hook.
  register({ include: ['pino'] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.version': manifest.version }))
    .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }));
  // The schedule exports; a processor's own timer never comes to it.
  const scheduledDelayMillis = 3 * exportIntervalMs;
  const spans = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    ...{ scheduledDelayMillis, maxQueueSize: 8192 },
  });
  const records = new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(), scheduledDelayMillis });
  const schedule = scheduleExports({ processors: [spans, records], everyMs: exportIntervalMs });
  trace.setGlobalTracerProvider(
    withoutFrameworks(new TracerProvider({ resource, spanProcessors: [spans, hurryOnErrors(schedule)] })),
  );
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: metricIntervalMs,
    exportTimeoutMillis: metricIntervalMs,
  });
  metrics.setGlobalMeterProvider(new MeterProvider({ resource, readers: [reader] }));
  logs.setGlobalLoggerProvider(new LoggerProvider({ resource, processors: [records] }));
  registerInstrumentations({ instrumentations: [new PinoInstrumentation()] });
}

/** Next.js makes server spans of its own, beside those of `kit/trace-requests.ts`: each request would count twice. */
function withoutFrameworks(provider: TracerProvider): Tracers & Pick<TracerProvider, 'forceFlush'> {
  const silent = new ProxyTracerProvider().getTracer('silent');
  return {
    getTracer: (name, ...rest) => (name === 'next.js' ? silent : provider.getTracer(name, ...rest)),
    forceFlush: () => provider.forceFlush(),
  };
}
