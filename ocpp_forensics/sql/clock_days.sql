-- Stamps of one source without a date: a time of day (1908) or a time since a start (1912).
-- A time of day that goes back by half a day or more has passed midnight; a time since a start that
-- goes back has started anew, and goes on from where it was. The source is placed with its first
-- stamp on the day, or at the moment, that the variable says.
-- Grain of new_day: one row per such record; shift_us: what is added. Reads: record, part.
-- Changes: framed, plain. Variables: source, first_day (DATE), first_ts (TIMESTAMP).

CREATE OR REPLACE TEMP TABLE new_day AS
WITH stamped AS (
    SELECT record_id, ts_original AS ts, year(ts_original) = 1908 AS of_day
    FROM record JOIN part ON part_id = record_id >> 40
    WHERE source_id = getvariable('source') AND year(ts_original) IN (1908, 1912)
),
stepped AS (
    SELECT *, lag(ts) OVER (PARTITION BY of_day ORDER BY record_id) AS before FROM stamped
)
SELECT record_id, sum(CASE
        WHEN before IS NULL THEN CASE
            WHEN of_day THEN epoch_us(getvariable('first_day')::TIMESTAMP) - epoch_us(TIMESTAMP '1908-01-01')
            ELSE epoch_us(getvariable('first_ts')::TIMESTAMP) - epoch_us(TIMESTAMP '1912-01-01') END
        WHEN of_day AND ts < before - INTERVAL 12 HOUR THEN 86400000000
        WHEN NOT of_day AND ts < before THEN epoch_us(before) - epoch_us(TIMESTAMP '1912-01-01')
        ELSE 0 END) OVER (PARTITION BY of_day ORDER BY record_id)::BIGINT AS shift_us
FROM stepped;

UPDATE framed SET ts_original = framed.ts_original + to_microseconds(n.shift_us)
FROM new_day AS n WHERE framed.record_id = n.record_id;

UPDATE plain SET ts = plain.ts + to_microseconds(n.shift_us)
FROM new_day AS n WHERE plain.record_id = n.record_id;
