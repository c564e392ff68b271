import {
  ErrorsInstrumentation,
  initializeFaro,
  NavigationInstrumentation,
  SessionInstrumentation,
  ViewInstrumentation,
  WebVitalsInstrumentation,
} from '@grafana/faro-web-sdk';
import { TracingInstrumentation } from '@grafana/faro-web-tracing';
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';

export type Reporting = {
  url: string;
  appKey: string;
  version: string;
  /** The shop's own session, so that what a browser saw and what it bought can be put together. */
  sessionId: string | null;
};

let begun = false;

/** Reports sessions, views, errors, web vitals and traces to the collectors. A second call does nothing. */
export function report({ url, appKey, version, sessionId }: Reporting): void {
  if (begun) return;
  begun = true;
  initializeFaro({
    url,
    apiKey: appKey,
    app: { name: 'storefront-web', version },
    sessionTracking: {
      enabled: true,
      persistent: false,
      ...(sessionId === null ? {} : { session: { id: sessionId }, generateSessionId: () => sessionId }),
    },
    instrumentations: [
      new ErrorsInstrumentation(),
      new WebVitalsInstrumentation(),
      new SessionInstrumentation(),
      new ViewInstrumentation(),
      new NavigationInstrumentation(),
      new TracingInstrumentation(),
    ],
  });
  reportPageLoad();
  document.documentElement.dataset.reporting = 'yes';
}

/** The page's own load, as a part of the trace that the server began. */
function reportPageLoad(): void {
  const parent = document.querySelector<HTMLMetaElement>('meta[name="traceparent"]')?.content.split('-');
  const [load] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (parent === undefined || load === undefined) return;
  const [, traceId = '', spanId = ''] = parent;
  const context = trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
  const at = (ms: number): number => performance.timeOrigin + ms;
  const span = trace
    .getTracer('storefront-web')
    .startSpan('page load', { startTime: at(0), attributes: { 'url.path': location.pathname } }, context);
  span.addEvent('first byte', at(load.responseStart)).addEvent('DOM ready', at(load.domContentLoadedEventEnd));
  span.end(at(Math.max(load.loadEventEnd, load.domContentLoadedEventEnd)));
}
