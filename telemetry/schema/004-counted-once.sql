-- Which requests are stored, with how many rows and in which batch. The writer looks here before each flush.
CREATE TABLE ingested_requests
(
    request_hash String,
    signal LowCardinality(String),
    batch_id UInt64,
    arrived_at DateTime64(3),
    rows UInt64
)
ENGINE = MergeTree
PARTITION BY toDate(arrived_at)
ORDER BY request_hash
TTL toDate(arrived_at) + INTERVAL 3 DAY
SETTINGS index_granularity = 512, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW ingested_traces_mv TO ingested_requests AS
SELECT RequestHash AS request_hash, 'traces' AS signal, BatchId AS batch_id, max(ArrivedAt) AS arrived_at, count() AS rows
FROM otel_traces WHERE RequestHash != '' GROUP BY request_hash, batch_id;

CREATE MATERIALIZED VIEW ingested_logs_mv TO ingested_requests AS
SELECT RequestHash AS request_hash, 'logs' AS signal, BatchId AS batch_id, max(ArrivedAt) AS arrived_at, count() AS rows
FROM otel_logs WHERE RequestHash != '' GROUP BY request_hash, batch_id;

CREATE MATERIALIZED VIEW ingested_samples_mv TO ingested_requests AS
SELECT request_hash, 'metrics' AS signal, batch_id, max(samples_ingest.arrived_at) AS arrived_at, count() AS rows
FROM samples_ingest WHERE request_hash != '' GROUP BY request_hash, batch_id;

CREATE MATERIALIZED VIEW ingested_events_mv TO ingested_requests AS
SELECT request_hash, 'events' AS signal, batch_id, max(business_events.arrived_at) AS arrived_at, count() AS rows
FROM business_events WHERE request_hash != '' GROUP BY request_hash, batch_id;
