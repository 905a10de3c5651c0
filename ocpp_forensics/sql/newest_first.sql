-- Files that are written from the newest record to the oldest, as exports often are.
-- Grain: one row per such file. Reads: record.

CREATE OR REPLACE TEMP TABLE newest_first AS
WITH falling AS (
    SELECT record_id >> 40 AS part_id FROM record WHERE ts_original IS NOT NULL
    GROUP BY ALL HAVING arg_min(ts_original, record_id) > arg_max(ts_original, record_id)
),
move AS (
    SELECT record_id >> 40 AS part_id,
        epoch(ts_original) - epoch(lag(ts_original) OVER (
            PARTITION BY record_id >> 40 ORDER BY record_id
        )) AS step_s
    FROM record
    WHERE ts_original IS NOT NULL AND record_id >> 40 IN (SELECT part_id FROM falling)
)
SELECT part_id FROM move GROUP BY ALL
HAVING count(*) FILTER (step_s < 0) >= 3
    AND count(*) FILTER (step_s < 0) >= 9 * count(*) FILTER (step_s > 0);

-- Records of one instant in such a file: the lower one came first. Microseconds keep them apart.
-- Grain: one row per record that another one of its instant stands below.
CREATE OR REPLACE TEMP TABLE later_in_instant AS
SELECT record_id, microseconds
FROM (
    SELECT record_id,
        row_number() OVER (PARTITION BY record_id >> 40, ts_original ORDER BY record_id DESC) - 1
            AS microseconds
    FROM record WHERE record_id >> 40 IN (SELECT part_id FROM newest_first)
)
WHERE microseconds > 0;
