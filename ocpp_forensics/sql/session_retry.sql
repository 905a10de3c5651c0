-- Attempts in the row in which a station makes them: how long it waited for each.
-- Grain: one row per attempt or opened connection of a station. Reads: attempt, attempt_member,
-- attempt_signal, connection, key_event. Units: seconds, UTC. run: the attempts from one loss (or the
-- begin of the log) to the next open connection; place: 0 for the first of a run; delay_s: from the
-- loss or the end of the attempt before to the begin of this one, null where neither is known or the
-- station restarted in between.

CREATE TABLE retry AS
WITH told AS (
    SELECT a.attempt_id, a.station, a.ts, a.event_id, a.stage = 'open' AS opened,
        max(s.ts) FILTER (NOT s.dials) AS end_ts
    FROM attempt AS a JOIN attempt_member AS m USING (attempt_event)
    JOIN attempt_signal AS s ON s.event_id = m.event_id
    GROUP BY ALL
),
arrival AS (
    SELECT station, ts, event_id, opened, end_ts FROM told
    UNION ALL
    SELECT station, open_ts, open_event, true, open_ts
    FROM connection AS c WHERE open_ts IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM told AS t WHERE t.station = c.station AND t.opened
            AND c.open_ts BETWEEN t.ts - INTERVAL 2 SECOND AND t.end_ts + INTERVAL 5 SECOND)
),
-- Ends of connections and restarts take their place between the attempts.
step AS (
    SELECT station, ts, event_id, 'attempt' AS what, opened, end_ts FROM arrival
    UNION ALL
    SELECT station, coalesce(station_close_ts, close_ts), NULL, 'loss', false, coalesce(station_close_ts, close_ts)
    FROM connection WHERE close_ts IS NOT NULL
    UNION ALL
    SELECT station, ts, NULL, 'restart', false, ts FROM key_event
    WHERE action = 'station.boot' AND kind = 'station' AND station IS NOT NULL
),
placed AS (
    SELECT *, lag(what) OVER w AS before, lag(opened) OVER w AS before_opened, lag(end_ts) OVER w AS before_ts,
        coalesce(sum((what <> 'attempt')::INTEGER) OVER w, 0) AS stretch
    FROM step WINDOW w AS (PARTITION BY station ORDER BY ts, what DESC)
),
numbered AS (
    SELECT *, coalesce(sum(opened::INTEGER) OVER (PARTITION BY station ORDER BY ts, what DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS opens_before
    FROM placed
)
SELECT station, ts, end_ts, event_id, opened,
    dense_rank() OVER (PARTITION BY station ORDER BY stretch, opens_before) AS run,
    row_number() OVER (PARTITION BY station, stretch, opens_before ORDER BY ts) - 1 AS place,
    CASE WHEN before = 'loss' OR (before = 'attempt' AND NOT before_opened)
         THEN greatest(epoch(ts) - epoch(before_ts), 0) END AS delay_s
FROM numbered WHERE what = 'attempt';
