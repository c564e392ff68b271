-- Spans by arrival, flattened to what detection asks every second. Kept for about two hours.
CREATE TABLE spans_recent
(
    batch_id UInt64,
    arrived_at DateTime64(3),
    ts DateTime64(3),
    start_ms Int64,
    duration_ms Float64,
    service LowCardinality(String),
    kind LowCardinality(String),
    name LowCardinality(String),
    route LowCardinality(String),
    method LowCardinality(String),
    error UInt8,
    http_status UInt16,
    answered UInt8,
    peer LowCardinality(String),
    trace_id String,
    span_id String,
    parent_span_id String,
    INDEX idx_trace_id trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toStartOfHour(arrived_at)
ORDER BY (arrived_at, service)
TTL toDateTime(arrived_at) + INTERVAL 2 HOUR
SETTINGS index_granularity = 2048, ttl_only_drop_parts = 1, merge_with_ttl_timeout = 600, non_replicated_deduplication_window = 10000;

-- Both generations of the HTTP semantic conventions are read: instrumentations in the field still write the old one.
CREATE MATERIALIZED VIEW spans_recent_mv TO spans_recent AS
SELECT
    BatchId AS batch_id,
    ArrivedAt AS arrived_at,
    toDateTime64(Timestamp + toIntervalNanosecond(Duration), 3) AS ts,
    toUnixTimestamp64Milli(toDateTime64(Timestamp, 3)) AS start_ms,
    Duration / 1e6 AS duration_ms,
    ServiceName AS service,
    if(SpanKind IN ('Server', 'Client', 'Producer', 'Consumer'), lower(SpanKind), 'internal') AS kind,
    SpanName AS name,
    SpanAttributes['http.route'] AS route,
    if(SpanAttributes['http.request.method'] != '', SpanAttributes['http.request.method'], SpanAttributes['http.method']) AS method,
    toUInt8(StatusCode = 'Error' OR (SpanKind = 'Server' AND http_status >= 500)) AS error,
    toUInt16OrZero(if(SpanAttributes['http.response.status_code'] != '', SpanAttributes['http.response.status_code'], SpanAttributes['http.status_code'])) AS http_status,
    toUInt8(SpanKind = 'Client' AND (http_status > 0 OR SpanAttributes['rpc.grpc.status_code'] != '')) AS answered,
    SpanAttributes['peer.service'] AS peer,
    TraceId AS trace_id,
    SpanId AS span_id,
    ParentSpanId AS parent_span_id
FROM otel_traces;

-- Rate, errors, duration per service, operation and status, as the service itself saw them (kinds server and consumer);
-- and per service and peer, as the caller saw them (kind client). One table: each table that a batch goes to costs a part.
-- batch_id is in the key so that a half-stored batch can be taken out again; a quarter of an hour after arrival the rows of
-- a bucket are folded into one.
CREATE TABLE red_10s
(
    service LowCardinality(String),
    operation LowCardinality(String),
    kind LowCardinality(String),
    http_status UInt16,
    peer LowCardinality(String),
    bucket DateTime,
    batch_id UInt64,
    arrived_at SimpleAggregateFunction(max, DateTime),
    requests SimpleAggregateFunction(sum, UInt64),
    errors SimpleAggregateFunction(sum, UInt64),
    duration_ms AggregateFunction(quantilesTDigest(0.5, 0.95, 0.99), Float64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(bucket)
PRIMARY KEY (service, operation, kind, http_status, peer, bucket)
ORDER BY (service, operation, kind, http_status, peer, bucket, batch_id)
TTL arrived_at + INTERVAL 15 MINUTE
    GROUP BY service, operation, kind, http_status, peer, bucket
    SET batch_id = min(batch_id), arrived_at = max(arrived_at), requests = sum(requests), errors = sum(errors), duration_ms = quantilesTDigestMergeState(0.5, 0.95, 0.99)(duration_ms),
    toDate(bucket) + INTERVAL 90 DAY DELETE
SETTINGS merge_with_ttl_timeout = 600, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW red_10s_mv TO red_10s AS
SELECT
    service,
    multiIf(spans_recent.kind = 'client', '', route != '', concat(method, if(method = '', '', ' '), route), toString(name)) AS operation,
    kind,
    if(spans_recent.kind = 'client', 0, spans_recent.http_status) AS http_status,
    if(spans_recent.kind = 'client', toString(spans_recent.peer), '') AS peer,
    toStartOfInterval(toDateTime(ts), INTERVAL 10 SECOND) AS bucket,
    batch_id,
    toDateTime(max(spans_recent.arrived_at)) AS arrived_at,
    count() AS requests,
    sum(error) AS errors,
    quantilesTDigestState(0.5, 0.95, 0.99)(spans_recent.duration_ms) AS duration_ms
FROM spans_recent
WHERE kind IN ('server', 'consumer') OR (kind = 'client' AND spans_recent.peer != '')
GROUP BY service, operation, kind, http_status, peer, bucket, batch_id;

-- The service map's edges, as the callers saw them.
CREATE VIEW edges_10s AS
SELECT service AS caller, peer AS callee, bucket, batch_id, arrived_at, requests AS calls, errors, duration_ms
FROM red_10s
WHERE kind = 'client';
