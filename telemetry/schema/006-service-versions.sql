-- Which versions of which service sent spans, and when each was first and last seen. It holds no counts, so what half a batch
-- left here is not wrong: the batch comes again. The version is '' where a service does not tell it.
CREATE TABLE service_versions
(
    service LowCardinality(String),
    version String,
    first_seen SimpleAggregateFunction(min, DateTime64(3)),
    last_seen SimpleAggregateFunction(max, DateTime64(3))
)
ENGINE = AggregatingMergeTree
ORDER BY (service, version)
TTL toDateTime(last_seen) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW service_versions_mv TO service_versions AS
SELECT
    ServiceName AS service,
    ResourceAttributes['service.version'] AS version,
    toDateTime64(min(Timestamp), 3) AS first_seen,
    toDateTime64(max(Timestamp), 3) AS last_seen
FROM otel_traces
GROUP BY service, version;
