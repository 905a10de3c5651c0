-- Logs that stamp what they describe with its beginning, although their layout leaves that open (Apache
-- and nginx write alike). Reads and fills: plain (ts_is_start).
-- Lines are written when a connection ends. So stamps that go back in the file are beginnings where beginning
-- and length together never go back; and so they are where the connections of one client would overlap
-- as ends, again and again, and never do as beginnings.

UPDATE plain SET ts_is_start = true
WHERE duration_s IS NOT NULL AND ts_is_start IS NULL AND record_id >> 40 IN (
    WITH lasting AS (
        SELECT record_id, record_id >> 40 AS part_id, path, ts,
            to_microseconds((duration_s * 1e6)::BIGINT) AS length, INTERVAL 2 SECOND AS slack
        FROM plain WHERE http_status = 101 AND duration_s IS NOT NULL AND ts IS NOT NULL AND ts_is_start IS NULL
    ),
    -- Each beside what stands before it in the file, and before it at the same path.
    compared AS (
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
);
