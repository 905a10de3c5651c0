-- Logs that stamp what they describe with its beginning, although their layout leaves that open (Apache
-- and nginx write alike). Reads: record, station_name, named. Reads and fills: plain (ts_is_start).
-- Lines are written when a connection ends. So stamps that go back in the file are beginnings where beginning
-- and length together never go back; and so they are where the connections of one client would overlap
-- as ends, again and again, and never do as beginnings, or where others tell of openings at the stamps.

CREATE OR REPLACE TEMP TABLE lasting AS
SELECT p.record_id, p.record_id >> 40 AS part_id, p.path, m.station, p.ts, p.ts - to_seconds(coalesce(p.zone_s, 0)) AS wall,
    to_microseconds((p.duration_s * 1e6)::BIGINT) AS length, INTERVAL 2 SECOND AS slack
FROM plain AS p LEFT JOIN named AS m USING (record_id)
WHERE http_status = 101 AND duration_s IS NOT NULL AND ts IS NOT NULL AND ts_is_start IS NULL
QUALIFY row_number() OVER (PARTITION BY part_id ORDER BY record_id) <= 2000;

CREATE OR REPLACE TEMP TABLE opening AS
SELECT coalesce(n.station, m.station) AS station, r.ts_original - to_seconds(coalesce(r.zone_s, 0)) AS wall
FROM record AS r LEFT JOIN station_name AS n ON n.raw = r.station LEFT JOIN named AS m USING (record_id)
WHERE r.action = 'ws.open' AND r.ts_original IS NOT NULL;

UPDATE plain SET ts_is_start = true
WHERE duration_s IS NOT NULL AND ts_is_start IS NULL AND record_id >> 40 IN (
    -- Each beside what stands before it in the file, and before it at the same path.
    WITH compared AS (
        SELECT part_id,
            ts < max(ts) OVER above - slack AS back, ts + length < max(ts + length) OVER above - slack AS back_if_begun,
            ts - length < lag(ts) OVER alike - slack AS early,
            ts < lag(ts + length) OVER alike - slack AS early_if_begun
        FROM lasting
        WINDOW above AS (PARTITION BY part_id ORDER BY record_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
            alike AS (PARTITION BY part_id, path ORDER BY record_id)
    )
    SELECT part_id FROM compared GROUP BY part_id
    HAVING (bool_or(back) AND NOT bool_or(back_if_begun))
        OR (NOT coalesce(bool_or(back), false) AND count(*) FILTER (early) >= 2 AND NOT bool_or(early_if_begun))
    UNION
    SELECT part_id FROM (
        SELECT DISTINCT l.part_id, l.record_id, abs(epoch(o.wall) - epoch(l.wall)) <= 3 AS at_stamp
        FROM lasting AS l JOIN opening AS o ON o.station = l.station
            AND (abs(epoch(o.wall) - epoch(l.wall)) <= 3 OR abs(epoch(o.wall) - epoch(l.wall - l.length)) <= 3)
    )
    GROUP BY part_id HAVING count(*) FILTER (at_stamp) >= 2 AND count(*) FILTER (at_stamp) > 2 * count(*) FILTER (NOT at_stamp)
);
