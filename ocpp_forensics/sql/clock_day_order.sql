-- Stamps with slashes in which day and month may stand in either order (year + 4000, read day first).
-- Grain: one row per source that has any. Reads: record, part. day_first, month_first: how far the
-- clock of the whole source travels, forth and back, if read so (seconds); *_utc: its first stamp.

CREATE OR REPLACE TEMP MACRO day_first(ts) AS
    CASE WHEN year(ts) >= 6000 THEN ts - INTERVAL 4000 YEAR ELSE ts END;
CREATE OR REPLACE TEMP MACRO month_first(ts) AS
    CASE WHEN year(ts) >= 6000
         THEN make_date(year(ts) - 4000, day(ts), month(ts)) + ts::TIME ELSE ts END;

CREATE OR REPLACE TEMP TABLE day_order AS
WITH unsure AS (
    SELECT DISTINCT source_id FROM record JOIN part ON part_id = record_id >> 40 WHERE year(ts_original) >= 6000
),
stamped AS (
    SELECT source_id, record_id, day_first(ts_original) AS d, month_first(ts_original) AS m
    FROM record JOIN part ON part_id = record_id >> 40 JOIN unsure USING (source_id)
    WHERE ts_original IS NOT NULL AND year(ts_original) NOT IN (1904, 1908, 1912)
),
travelled AS (
    SELECT source_id, d, m, abs(epoch(d) - epoch(lag(d) OVER w)) AS by_day, abs(epoch(m) - epoch(lag(m) OVER w)) AS by_month
    FROM stamped WINDOW w AS (PARTITION BY source_id ORDER BY record_id)
)
SELECT source_id, coalesce(sum(by_day), 0) AS day_first, coalesce(sum(by_month), 0) AS month_first,
    min(d) AS day_utc, min(m) AS month_utc
FROM travelled GROUP BY source_id;
