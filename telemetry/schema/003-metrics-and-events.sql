CREATE TABLE series
(
    metric LowCardinality(String),
    fingerprint UInt64,
    labels SimpleAggregateFunction(anyLast, Map(String, String)) CODEC(ZSTD(1)),
    type SimpleAggregateFunction(anyLast, LowCardinality(String)),
    temporality SimpleAggregateFunction(anyLast, LowCardinality(String)),
    unit SimpleAggregateFunction(anyLast, LowCardinality(String)),
    help SimpleAggregateFunction(anyLast, String) CODEC(ZSTD(1)),
    first_seen SimpleAggregateFunction(min, DateTime),
    last_seen SimpleAggregateFunction(max, DateTime)
)
ENGINE = AggregatingMergeTree
ORDER BY (metric, fingerprint);

CREATE TABLE samples
(
    fingerprint UInt64 CODEC(ZSTD(1)),
    timestamp DateTime64(3) CODEC(DoubleDelta, ZSTD(1)),
    value Float64 CODEC(Gorilla, ZSTD(1)),
    start_ms Int64 CODEC(Delta(8), ZSTD(1)),
    batch_id UInt64 CODEC(Delta(8), ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toDate(timestamp)
ORDER BY (fingerprint, timestamp)
TTL toDate(timestamp) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE samples_recent
(
    batch_id UInt64,
    arrived_at DateTime64(3),
    fingerprint UInt64,
    timestamp DateTime64(3),
    value Float64,
    start_ms Int64
)
ENGINE = MergeTree
PARTITION BY toStartOfHour(arrived_at)
ORDER BY (arrived_at, fingerprint)
TTL toDateTime(arrived_at) + INTERVAL 2 HOUR
SETTINGS ttl_only_drop_parts = 1, merge_with_ttl_timeout = 600, non_replicated_deduplication_window = 10000;

-- The door for samples: keeps nothing itself, so that a request's hash costs the stored samples no byte.
-- Values come as the bits of the double: text would lose the payload of a NaN, and with it Prometheus's stale marker.
CREATE TABLE samples_ingest
(
    fingerprint UInt64,
    timestamp_ms Int64,
    value_bits UInt64,
    start_ms Int64,
    request_hash String,
    batch_id UInt64,
    arrived_at DateTime64(3)
)
ENGINE = Null;

CREATE MATERIALIZED VIEW samples_mv TO samples AS
SELECT fingerprint, fromUnixTimestamp64Milli(timestamp_ms) AS timestamp, reinterpretAsFloat64(value_bits) AS value, start_ms, batch_id
FROM samples_ingest;

CREATE MATERIALIZED VIEW samples_recent_mv TO samples_recent AS
SELECT batch_id, arrived_at, fingerprint, fromUnixTimestamp64Milli(timestamp_ms) AS timestamp, reinterpretAsFloat64(value_bits) AS value, start_ms
FROM samples_ingest;

CREATE TABLE business_events
(
    time DateTime64(3) CODEC(Delta(8), ZSTD(1)),
    id String CODEC(ZSTD(1)),
    source LowCardinality(String),
    type LowCardinality(String),
    subject String CODEC(ZSTD(1)),
    trace_id String CODEC(ZSTD(1)),
    session_id String CODEC(ZSTD(1)),
    device LowCardinality(String),
    channel LowCardinality(String),
    order_id String CODEC(ZSTD(1)),
    amount_minor Int64,
    currency LowCardinality(String),
    data String CODEC(ZSTD(1)),
    request_hash String CODEC(ZSTD(1)),
    batch_id UInt64 CODEC(ZSTD(1)),
    arrived_at DateTime64(3) CODEC(Delta(8), ZSTD(1)),
    INDEX idx_arrived_at arrived_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(time)
ORDER BY (type, time, source, id)
TTL toDate(time) + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;
