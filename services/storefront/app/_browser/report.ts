import {
  ErrorsInstrumentation,
  type Faro,
  initializeFaro,
  NavigationInstrumentation,
  SessionInstrumentation,
  ViewInstrumentation,
  WebVitalsInstrumentation,
} from '@grafana/faro-web-sdk';
import { TracingInstrumentation } from '@grafana/faro-web-tracing';

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
  const faro = initializeFaro({
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
  reportPageLoad(faro);
  document.documentElement.dataset.reporting = 'yes';
}

/** The page's own load, as a part of the trace that the server began. */
function reportPageLoad({ api }: Faro): void {
  const parent = document.querySelector<HTMLMetaElement>('meta[name="traceparent"]')?.content.split('-');
  const [load] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const otel = api.getOTEL();
  if (parent === undefined || load === undefined || otel === undefined) return;
  const [, traceId = '', spanId = ''] = parent;
  const server = { traceId, spanId, traceFlags: 1, isRemote: true };
  const at = (ms: number): number => performance.timeOrigin + ms;
  const options = { startTime: at(0), attributes: { 'url.path': location.pathname } };
  const span = otel.trace
    .getTracer('storefront-web')
    .startSpan('page load', options, otel.trace.setSpanContext(otel.context.active(), server));
  span.addEvent('first byte', at(load.responseStart)).addEvent('DOM ready', at(load.domContentLoadedEventEnd));
  span.end(at(Math.max(load.loadEventEnd, load.domContentLoadedEventEnd)));
}
