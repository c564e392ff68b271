import type { TelemetryClient } from '../client.ts';

/**
 * Runs a SELECT and returns its rows; the columns must be those of `Row`. Whatever comes from outside goes into `params`
 * (`{name:Type}` in the text), never into the text.
 */
export async function readRows<Row>(
  client: TelemetryClient,
  query: string,
  params: Record<string, unknown>,
): Promise<Row[]> {
  const answer = await client.query({ query, query_params: params, format: 'JSONEachRow' });
  return answer.json<Row>();
}

/** A span is failed when it says so, or when it is a server's and its HTTP status is 500 or above. For `otel_traces`. */
export const failedSpan = `(StatusCode = 'Error' OR (SpanKind = 'Server' AND toUInt16OrZero(if(SpanAttributes['http.response.status_code'] != '', SpanAttributes['http.response.status_code'], SpanAttributes['http.status_code'])) >= 500))`;
