-- Stamps of one source that have no year (1904), with the New Years that lie before them: a step
-- back by most of a year is one.
-- Grain: one row per record without a year. Reads: record, part. Variables: source.

CREATE OR REPLACE TEMP TABLE new_year AS
SELECT record_id, ts_original, coalesce(
    sum((ts_original < before - INTERVAL 300 DAY)::INTEGER) OVER (ORDER BY record_id), 0)::INTEGER AS years
FROM (
    SELECT record_id, ts_original, lag(ts_original) OVER (ORDER BY record_id) AS before
    FROM record JOIN part ON part_id = record_id >> 40
    WHERE source_id = getvariable('source') AND year(ts_original) = 1904
);
