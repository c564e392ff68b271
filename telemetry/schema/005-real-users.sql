-- What browsers report: events, exceptions, measurements (web vitals among them) and logs, one row each.
-- Page addresses come without query string and fragment; names and e-mail addresses of users are never stored.
CREATE TABLE rum_events
(
    timestamp DateTime64(3) CODEC(Delta(8), ZSTD(1)),
    app LowCardinality(String),
    app_version LowCardinality(String),
    environment LowCardinality(String),
    session_id String CODEC(ZSTD(1)),
    kind LowCardinality(String),
    name String CODEC(ZSTD(1)),
    message String CODEC(ZSTD(1)),
    values Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    stacktrace String CODEC(ZSTD(1)),
    page_url String CODEC(ZSTD(1)),
    view LowCardinality(String),
    browser LowCardinality(String),
    browser_version LowCardinality(String),
    os LowCardinality(String),
    mobile UInt8,
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    request_hash String CODEC(ZSTD(1)),
    batch_id UInt64 CODEC(ZSTD(1)),
    arrived_at DateTime64(3) CODEC(Delta(8), ZSTD(1)),
    INDEX idx_trace_id trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_session_id session_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(timestamp)
ORDER BY (app, kind, timestamp)
TTL toDate(timestamp) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW ingested_rum_mv TO ingested_requests AS
SELECT request_hash, 'rum' AS signal, batch_id, max(rum_events.arrived_at) AS arrived_at, count() AS rows
FROM rum_events WHERE request_hash != '' GROUP BY request_hash, batch_id;
