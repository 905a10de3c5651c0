-- How each source writes time.
-- Grain: one row per source. Reads: record, part, newest_first. Units: zoned, records: counts; first, last: wall.

CREATE OR REPLACE TEMP TABLE clock_overview AS
SELECT source_id, count(ts_original) AS records, count(zone_s) AS zoned,
    CASE WHEN min(zone_s) = max(zone_s) THEN min(zone_s) END AS only_zone_s,
    count(*) FILTER (year(ts_original) = 1904) AS yearless,
    count(*) FILTER (year(ts_original) IN (1908, 1912)) AS undated,
    min(ts_original) AS first_wall, max(ts_original) AS last_wall,
    min(ts_original - to_seconds(coalesce(zone_s, 0))) AS first_utc,
    max(ts_original - to_seconds(coalesce(zone_s, 0))) AS last_utc,
    count(message_key) AS frames,
    bool_and(date_part('microseconds', ts_original) % 1000000 = 0) AS whole_seconds
FROM record JOIN part ON part_id = record_id >> 40
GROUP BY source_id;

-- Blocks of 512 records of sources without a zone in which the wall clock may have gone back.
-- Grain: one row per suspicious block.
CREATE OR REPLACE TEMP TABLE clock_suspect AS
WITH block AS (
    SELECT record_id >> 40 AS part_id, record_id >> 9 AS block, min(ts_original) AS low,
        max(ts_original) AS high
    FROM record WHERE zone_s IS NULL AND ts_original IS NOT NULL
    GROUP BY ALL
)
SELECT part_id, block
FROM (
    SELECT *, max(high) OVER (
        PARTITION BY part_id ORDER BY block ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before
    FROM block
)
WHERE low < before - INTERVAL 10 MINUTE OR high - low > INTERVAL 1 DAY OR low < high - INTERVAL 20 MINUTE;

-- Grain: one row per record before which the wall clock goes back by ten minutes or more.
CREATE OR REPLACE TEMP TABLE clock_step AS
SELECT source_id, record_id, epoch(ts_original) - epoch(before) AS jump_s
FROM (
    SELECT record_id, ts_original, lag(ts_original) OVER (
        PARTITION BY record_id >> 40 ORDER BY record_id
    ) AS before
    FROM record
    WHERE ts_original IS NOT NULL AND zone_s IS NULL
        AND record_id >> 40 IN (SELECT part_id FROM clock_suspect ANTI JOIN newest_first USING (part_id))
)
JOIN part ON part_id = record_id >> 40
WHERE ts_original < before - INTERVAL 10 MINUTE;
