-- Records that stand in two files: a copy, an export of a part, rotations that overlap.
-- Grain of `duplicate`: one row per record that counts no further, the twin being kept.
-- Reads: line_hash (lines of files in one format), record, part. Removes from: framed, plain,
-- detail, payload, line_text.
-- Two files hold the same where their times overlap if nearly all records of the one in there stand
-- word for word in the other. Files of different logs must show that they do not just look alike:
-- by stamps finer than a second, or by frames with an id.

-- Grain: one row per file whose time overlaps that of another file in the same format.
CREATE OR REPLACE TEMP TABLE file_span AS
WITH span AS (
    SELECT record_id >> 40 AS part_id, min(ts_original) AS first_ts, max(ts_original) AS last_ts,
        count(*) AS records
    FROM record
    WHERE ts_original IS NOT NULL AND getvariable('several_files')
    GROUP BY ALL
)
SELECT a.*
FROM span AS a SEMI JOIN span AS b
    ON a.part_id <> b.part_id AND a.first_ts <= b.last_ts AND b.first_ts <= a.last_ts;

-- Grain: one row per record of those files.
CREATE OR REPLACE TEMP TABLE written AS
SELECT h.hash, r.record_id, r.record_id >> 40 AS part_id, r.ts_original, r.line_count,
    date_part('microseconds', r.ts_original) % 1000000 <> 0 OR r.message_key IS NOT NULL AS telling
FROM record AS r JOIN line_hash AS h USING (record_id)
WHERE r.ts_original IS NOT NULL AND r.record_id >> 40 IN (SELECT part_id FROM file_span);

-- Grain: one row per text and file, for texts that a few files share.
CREATE OR REPLACE TEMP TABLE shared AS
SELECT hash, part_id, count(*) AS times, bool_and(telling) AS telling
FROM written
WHERE hash IN (
    SELECT hash FROM written GROUP BY hash
    HAVING count(DISTINCT part_id) BETWEEN 2 AND 8 AND min(part_id) < max(part_id)
)
GROUP BY ALL;

-- Grain: one row per pair of files that hold the same; the one with fewer records is the copy.
CREATE OR REPLACE TEMP TABLE copied AS
WITH pair AS (
    SELECT a.part_id AS kept, b.part_id AS copy, sum(least(a.times, b.times)) AS same,
        sum(least(a.times, b.times)) FILTER (a.telling) AS telling
    FROM shared AS a JOIN shared AS b USING (hash)
    JOIN file_span AS x ON x.part_id = a.part_id JOIN file_span AS y ON y.part_id = b.part_id
    WHERE a.part_id <> b.part_id AND (x.records, -x.part_id) > (y.records, -y.part_id)
    GROUP BY ALL
),
side AS (
    SELECT p.*, unnest([kept, copy]) AS part_id, k.source_id = c.source_id AS rotated,
        greatest(x.first_ts, y.first_ts) AS from_ts, least(x.last_ts, y.last_ts) AS to_ts
    FROM pair AS p
    JOIN part AS k ON k.part_id = p.kept JOIN part AS c ON c.part_id = p.copy
    JOIN file_span AS x ON x.part_id = p.kept JOIN file_span AS y ON y.part_id = p.copy
    WHERE (rotated AND same >= 3) OR (same >= 10 AND telling >= 0.5 * same)
),
inside AS (
    SELECT s.kept, s.copy, s.same, s.part_id, count(*) AS records
    FROM side AS s JOIN written AS w USING (part_id)
    WHERE w.ts_original BETWEEN s.from_ts AND s.to_ts
    GROUP BY ALL
)
SELECT kept, copy FROM inside GROUP BY kept, copy, same HAVING same >= 0.95 * min(records);

CREATE OR REPLACE TEMP TABLE duplicate AS
WITH counted AS (
    SELECT *, row_number() OVER (PARTITION BY part_id, hash ORDER BY record_id) AS nth
    FROM written WHERE part_id IN (SELECT copy FROM copied)
)
SELECT c.record_id, c.part_id, any_value(c.line_count) AS line_count, min(s.part_id) AS kept
FROM counted AS c JOIN copied AS p ON p.copy = c.part_id
JOIN shared AS s ON s.part_id = p.kept AND s.hash = c.hash AND c.nth <= s.times
GROUP BY ALL;

DELETE FROM framed WHERE record_id IN (SELECT record_id FROM duplicate);
DELETE FROM plain WHERE record_id IN (SELECT record_id FROM duplicate);
DELETE FROM detail WHERE record_id IN (SELECT record_id FROM duplicate);
DELETE FROM payload WHERE record_id IN (SELECT record_id FROM duplicate);
DELETE FROM line_text WHERE record_id IN (SELECT record_id FROM duplicate);
