-- Give the stamps of one source that have no year (1904) theirs; a step back by most of a year
-- between two of them is a New Year. Reads: record. Changes: framed, plain. Variables: source, first_year.

CREATE OR REPLACE TEMP TABLE new_year AS
SELECT record_id, sum((ts_original < before - INTERVAL 300 DAY)::INTEGER) OVER (ORDER BY record_id) AS years
FROM (
    SELECT record_id, ts_original, lag(ts_original) OVER (ORDER BY record_id) AS before
    FROM record JOIN part ON part_id = record_id >> 40
    WHERE source_id = getvariable('source') AND year(ts_original) = 1904
);

UPDATE framed SET ts_original = ts_original + to_years((getvariable('first_year') - 1904 + coalesce(n.years, 0))::INTEGER)
FROM new_year AS n WHERE framed.record_id = n.record_id AND ts_original IS NOT NULL;

UPDATE plain SET ts = ts + to_years((getvariable('first_year') - 1904 + coalesce(n.years, 0))::INTEGER)
FROM new_year AS n WHERE plain.record_id = n.record_id AND ts IS NOT NULL;
