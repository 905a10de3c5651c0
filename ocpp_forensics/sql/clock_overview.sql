-- Whether a clock can have shown this while a log was written: no OCPP log is older.
CREATE OR REPLACE TEMP MACRO believable(stamp) AS stamp >= TIMESTAMP '2010-01-01';

-- How each source writes time.
-- Grain: one row per source. Reads: record, part, newest_first. Units: zoned, records: counts; first, last: wall.

CREATE OR REPLACE TEMP TABLE clock_overview AS
SELECT source_id, count(ts_original) AS records, count(zone_s) AS zoned,
    CASE WHEN min(zone_s) = max(zone_s) THEN min(zone_s) END AS only_zone_s,
    count(*) FILTER (year(ts_original) = 1904) AS yearless,
    count(*) FILTER (year(ts_original) IN (1908, 1912)) AS undated,
    min(ts_original) AS first_wall, max(ts_original) AS last_wall,
    coalesce(min(stamp) FILTER (believable(stamp)), min(stamp)) AS first_utc,
    coalesce(max(stamp) FILTER (believable(stamp)), max(stamp)) AS last_utc,
    count(message_key) AS frames,
    bool_and(date_part('microseconds', ts_original) % 1000000 = 0) AS whole_seconds
FROM (SELECT *, ts_original - to_seconds(coalesce(zone_s, 0)) AS stamp FROM record)
JOIN part ON part_id = record_id >> 40
GROUP BY source_id;

-- Blocks of 512 records in which the clock may have been set: it went back, or lost or found the date.
-- Grain: one row per suspicious block.
CREATE OR REPLACE TEMP TABLE clock_suspect AS
WITH block AS (
    SELECT record_id >> 40 AS part_id, record_id >> 9 AS block, min(ts_original) AS low,
        max(ts_original) AS high, bool_or(zone_s IS NULL) AS zoneless,
        min(believable(ts_original)) AS whole, max(believable(ts_original)) AS partly
    FROM record WHERE ts_original IS NOT NULL
    GROUP BY ALL
),
compared AS (
    SELECT *, min(whole) OVER p AS all_believable, max(partly) OVER p AS any_believable,
        max(high) OVER (PARTITION BY part_id ORDER BY block
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM block WINDOW p AS (PARTITION BY part_id)
)
SELECT part_id, block
FROM compared
WHERE all_believable <> any_believable OR zoneless AND (
    low < before - INTERVAL 10 MINUTE OR high - low > INTERVAL 1 DAY OR low < high - INTERVAL 20 MINUTE);

-- Grain: one row per record before which the clock jumps: back by ten minutes or more (of a clock that
-- writes no zone: stamps in UTC rather stand out of order), forward again to where it had been, or to
-- or from a time before 2010, which no log of ours was written at. Units: seconds.
CREATE OR REPLACE TEMP TABLE clock_step AS
SELECT source_id, record_id, epoch(stamp) - epoch(before) AS jump_s, epoch(stamp) AS wall_s
FROM (
    SELECT record_id, zone_s, ts_original - to_seconds(coalesce(zone_s, 0)) AS stamp, lag(stamp) OVER w AS before,
        max(stamp) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS highest
    FROM record
    WHERE ts_original IS NOT NULL AND record_id >> 40 IN (SELECT part_id FROM clock_suspect ANTI JOIN newest_first USING (part_id))
    WINDOW w AS (PARTITION BY record_id >> 40 ORDER BY record_id)
)
JOIN part ON part_id = record_id >> 40
WHERE believable(stamp) <> believable(before)
    OR zone_s IS NULL AND stamp < before - INTERVAL 10 MINUTE
    OR zone_s IS NULL AND stamp > before + INTERVAL 10 MINUTE AND before < highest - INTERVAL 2 HOUR
        AND stamp - before > (highest - before) / 2;
