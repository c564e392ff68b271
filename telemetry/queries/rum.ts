import type { TelemetryClient } from '../client.ts';
import { readRows } from './read.ts';

type Range = { fromMs: number; toMs: number };

/** A web vital of an app: three quarters of its page views were at most `p75`; ms, but for CLS, which has no unit. */
export type WebVital = { app: string; vital: 'lcp' | 'inp' | 'cls' | 'ttfb' | 'fcp'; p75: number; pageViews: number };

/** Sessions of an app that reported anything in one minute; `minuteMs` is its start. */
export type SessionMinute = { app: string; minuteMs: number; sessions: number };

/** Exceptions of one type and message. `stacktrace` is the latest one's frames as JSON text, '' when it had none. */
export type ExceptionGroup = {
  app: string;
  type: string;
  message: string;
  count: number;
  sessions: number;
  lastSeenMs: number;
  stacktrace: string;
};

const inRange =
  'timestamp >= fromUnixTimestamp64Milli({from:Int64}) AND timestamp < fromUnixTimestamp64Milli({to:Int64})';

/**
 * The web vitals of each app between two times (Unix ms), at the 75th percentile as web.dev/articles/vitals has it. A page
 * view whose vital grew and was reported again (`context.id` of the SDK is the page view's) counts with its last value.
 */
export function readWebVitals(client: TelemetryClient, { fromMs, toMs }: Range): Promise<WebVital[]> {
  const query = `
    SELECT app, vital, toFloat64(quantileExactInclusive(0.75)(last)) AS p75, toFloat64(count()) AS pageViews
    FROM (
      SELECT app, vital, session_id, attributes['id'] AS view_id,
        if(view_id = '', toString(timestamp), '') AS alone, argMax(value, timestamp) AS last
      FROM rum_events ARRAY JOIN mapKeys(values) AS vital, mapValues(values) AS value
      WHERE ${inRange} AND kind = 'measurement' AND name = 'web-vitals'
        AND vital IN ('lcp', 'inp', 'cls', 'ttfb', 'fcp')
      GROUP BY app, vital, session_id, view_id, alone
    )
    GROUP BY app, vital
    ORDER BY app, vital`;
  return readRows<WebVital>(client, query, { from: fromMs, to: toMs });
}

/** Sessions per app and minute between two times (Unix ms), in order; minutes without any are absent. */
export function readSessionsPerMinute(client: TelemetryClient, { fromMs, toMs }: Range): Promise<SessionMinute[]> {
  const query = `
    SELECT app, toFloat64(toUnixTimestamp(toStartOfMinute(toDateTime(timestamp)))) * 1000 AS minuteMs,
      toFloat64(uniqExact(session_id)) AS sessions
    FROM rum_events
    WHERE ${inRange} AND session_id != ''
    GROUP BY app, minuteMs
    ORDER BY app, minuteMs`;
  return readRows<SessionMinute>(client, query, { from: fromMs, to: toMs });
}

/** What went wrong in browsers between two times (Unix ms), the most frequent first, a hundred groups at most. */
export function readExceptions(client: TelemetryClient, { fromMs, toMs }: Range): Promise<ExceptionGroup[]> {
  const query = `
    SELECT app, name AS type, message, toFloat64(count()) AS count, toFloat64(uniqExact(session_id)) AS sessions,
      toFloat64(toUnixTimestamp64Milli(max(timestamp))) AS lastSeenMs, argMax(rum_events.stacktrace, timestamp) AS stacktrace
    FROM rum_events
    WHERE ${inRange} AND kind = 'exception'
    GROUP BY app, type, message
    ORDER BY count DESC, lastSeenMs DESC
    LIMIT 100`;
  return readRows<ExceptionGroup>(client, query, { from: fromMs, to: toMs });
}

/** A session of an app that reported between two times. `views`: addresses that it saw; `seconds`: from its first report to its last. */
export type RumSession = {
  app: string;
  sessionId: string;
  lastSeenMs: number;
  seconds: number;
  views: number;
  exceptions: number;
  device: 'phone' | 'desktop';
  browser: string;
};

/** The sessions that reported last between two times (Unix ms), fifty at most. */
export function readRecentSessions(client: TelemetryClient, { fromMs, toMs }: Range): Promise<RumSession[]> {
  const query = `
    SELECT app, session_id AS sessionId, toFloat64(toUnixTimestamp64Milli(max(timestamp))) AS lastSeenMs,
      (lastSeenMs - toFloat64(toUnixTimestamp64Milli(min(timestamp)))) / 1000 AS seconds,
      toFloat64(uniqExactIf(page_url, page_url != '')) AS views, toFloat64(countIf(kind = 'exception')) AS exceptions,
      if(max(mobile) = 1, 'phone', 'desktop') AS device, any(rum_events.browser) AS browser
    FROM rum_events
    WHERE ${inRange} AND session_id != ''
    GROUP BY app, session_id
    ORDER BY lastSeenMs DESC, sessionId
    LIMIT 50`;
  return readRows<RumSession>(client, query, { from: fromMs, to: toMs });
}
