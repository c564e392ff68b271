/**
 * Preload (`node --import ./services/kit/telemetry.ts …`): traces, metrics and logs of this process go out as OTLP.
 * The SDK is put together from its parts: `sdk-node` loads every exporter there is (16 MB), and the asynchronous
 * loader hook costs a thread (55 MB). Calls between services are traced by `kit/fetch.ts`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attributes,
  context,
  logs,
  metrics,
  ProxyTracerProvider,
  propagation,
  SpanStatusCode,
  type TracerProvider as Tracers,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
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
import { hidePersonal } from '#process/privacy';
import manifest from '../../package.json' with { type: 'json' };
import { readTelemetryEnv } from './env.ts';

/** Health, metrics, the load's control and whatever begins with an underscore: not what customers ask for. */
const untraced = /^\/(healthz|readyz|metrics|load|_[a-z]+)(\/|\?|$)/;

/** What web servers log for a request whose client left before the answer. */
const clientClosedRequest = 499;

const settings = readTelemetryEnv();
if (settings !== null) start(settings);

function start(intervals: { metricIntervalMs: number; spanDelayMs: number; logDelayMs: number }): void {
  // ES modules that are patched; the rest is CommonJS or built in, which needs no loader hook.
  register({ include: ['pino', 'pg'] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.version': manifest.version }))
    .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }));
  const exporter = new OTLPTraceExporter();
  trace.setGlobalTracerProvider(
    withoutFrameworks(
      new TracerProvider({
        resource,
        spanProcessors: [
          new BatchSpanProcessor({ exporter, scheduledDelayMillis: intervals.spanDelayMs, maxQueueSize: 8192 }),
        ],
      }),
    ),
  );
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: intervals.metricIntervalMs,
    exportTimeoutMillis: intervals.metricIntervalMs,
  });
  metrics.setGlobalMeterProvider(new MeterProvider({ resource, readers: [reader] }));
  logs.setGlobalLoggerProvider(
    new LoggerProvider({
      resource,
      processors: [
        new BatchLogRecordProcessor({
          exporter: new OTLPLogExporter(),
          scheduledDelayMillis: intervals.logDelayMs,
        }),
      ],
    }),
  );
  registerInstrumentations({ instrumentations: [httpServer(), database(), new PinoInstrumentation()] });
}

/** Next.js makes server spans of its own, beside those of the HTTP instrumentation: each request would count twice. */
function withoutFrameworks(provider: TracerProvider): Tracers & Pick<TracerProvider, 'forceFlush'> {
  const silent = new ProxyTracerProvider().getTracer('silent');
  return {
    getTracer: (name, ...rest) => (name === 'next.js' ? silent : provider.getTracer(name, ...rest)),
    forceFlush: () => provider.forceFlush(),
  };
}

function httpServer(): HttpInstrumentation {
  return new HttpInstrumentation({
    disableOutgoingRequestInstrumentation: true,
    ignoreIncomingRequestHook: (request) => untraced.test(request.url ?? ''),
    startIncomingSpanHook: (request) => describeRequest(request as IncomingMessage),
    // A request that is given up by its client would otherwise be reported as answered, with the default status 200:
    // a service that hangs would look healthy.
    responseHook: (_span, response) => {
      const server = response as ServerResponse;
      server.once('close', () => {
        if (!server.writableFinished) server.statusCode = clientClosedRequest;
      });
    },
    applyCustomAttributesOnSpan: (span, _request, response) => {
      if ((response as ServerResponse).writableFinished) return;
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'the client left before the answer' });
    },
  });
}

/** What people may have typed into an address or called their software is not for the trace; names of parameters are. */
function describeRequest({ url = '', headers }: IncomingMessage): Attributes {
  const [path = '', query] = url.split('?', 2);
  return {
    'url.path': hidePersonal(path),
    ...(query === undefined ? {} : { 'url.query': hidePersonal([...new URLSearchParams(query).keys()].join('&')) }),
    ...(headers['user-agent'] === undefined ? {} : { 'user_agent.original': hidePersonal(headers['user-agent']) }),
  };
}

function database(): PgInstrumentation {
  // Polling (relay, bus) happens outside of requests and would fill the store with spans that nobody reads.
  return new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true });
}
