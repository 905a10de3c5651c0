-- Which vantage points the logs cover, when, and for which station.
-- Grain: one row per kind and station (null: covers every station) and stretch. Reads: event.
-- A log covers from its first to its last record; a hole of more than six hours ends a stretch.

CREATE TABLE coverage AS
WITH slot AS (
    SELECT kind, source_id, CASE WHEN kind IN ('csms', 'proxy') THEN NULL ELSE station END AS station,
        epoch_us(ts) // 600000000 AS slot, min(ts) AS low, max(ts) AS high
    FROM event WHERE ts IS NOT NULL AND kind <> '' GROUP BY ALL
),
gap AS (
    SELECT *, CASE WHEN low - lag(high) OVER (PARTITION BY kind, source_id, station ORDER BY slot)
        <= INTERVAL 6 HOUR THEN 0 ELSE 1 END AS begins
    FROM slot
),
numbered AS (
    SELECT *, sum(begins) OVER (PARTITION BY kind, source_id, station ORDER BY slot) AS stretch FROM gap
)
SELECT kind, source_id, station, min(low) AS from_ts, max(high) AS to_ts
FROM numbered GROUP BY kind, source_id, station, stretch;
