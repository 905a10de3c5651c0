-- What each ended connection tells of its keepalives, and of the connection before it.
-- Grain: one row per ended connection. Reads: connection, ending_traffic, near_traffic, event, bad_call.
-- Units: seconds. survived: quiet stretches before the ends of the station's connections that were as
-- long as the quiet before this end, and ended nothing; pongs_ever: pongs of the station in all logs; pongs_logged: the CSMS's log
-- shows pongs of others; last_pong_s: since the CSMS got a pong; deaf_calls: the CSMS's CALLs that
-- stayed unanswered while it heard the station, deaf_share: their share of its CALLs from the first
-- of them on; older_closed_s: since the end of an older connection of the station that was still
-- open when this one opened.

CREATE OR REPLACE TABLE scratch.quiet AS
SELECT station, gap_s FROM (
    SELECT x.station, t.ts, x.close_ts,
        epoch(t.ts) - epoch(lag(t.ts) OVER (PARTITION BY x.connection_id ORDER BY t.ts)) AS gap_s
    FROM ending AS x JOIN near_traffic AS t ON t.station = x.station
        AND t.ts BETWEEN greatest(x.open_ts, x.close_ts - INTERVAL 25 MINUTE) AND x.close_ts
)
-- What was sent into the end did not end the quiet before it.
WHERE gap_s >= 10 AND ts < close_ts - INTERVAL 3 SECOND;

CREATE OR REPLACE TABLE scratch.survival AS
SELECT connection_id, count(*) AS survived
FROM quiet JOIN ending USING (station) JOIN (
    SELECT connection_id, coalesce(station_idle_s, csms_idle_s, silence_s) AS idle_s FROM ending_traffic
) USING (connection_id)
WHERE abs(gap_s - idle_s) <= greatest(1.5, 0.03 * idle_s)
GROUP BY ALL;

CREATE OR REPLACE TABLE scratch.ponged AS
SELECT source_id, station, count(*) AS pongs FROM event
WHERE action = 'ws.pong' AND kind = 'csms' AND direction = 'to_csms' GROUP BY ALL;

CREATE OR REPLACE TABLE scratch.last_pong AS
SELECT x.connection_id, epoch(x.close_ts) - epoch(p.ts) AS last_pong_s
FROM ending AS x ASOF JOIN (
    SELECT station, ts FROM near_traffic WHERE action = 'ws.pong' AND kind = 'csms' AND up AND directed
) AS p ON p.station = x.station AND x.close_ts >= p.ts
WHERE x.open_ts IS NULL OR p.ts >= x.open_ts;

CREATE OR REPLACE TABLE scratch.deafness AS
WITH first_bad AS (
    SELECT connection_id, any_value(station) AS station, any_value(source_id) AS source_id,
        min(ts) AS ts, count(DISTINCT message_key) AS deaf_calls
    FROM bad_call WHERE direction = 'to_station' AND outcome = 'unanswered' AND connection_id IS NOT NULL
    GROUP BY connection_id
)
SELECT b.connection_id, any_value(b.deaf_calls) AS deaf_calls,
    any_value(b.deaf_calls) / count(DISTINCT c.message_key) AS deaf_share
FROM first_bad AS b JOIN ending AS x USING (connection_id)
JOIN asked_call AS c ON c.source_id = b.source_id AND c.station = b.station AND c.direction = 'to_station'
    AND c.ts BETWEEN b.ts AND x.close_ts
GROUP BY ALL;

CREATE OR REPLACE TABLE scratch.older AS
SELECT connection_id, epoch(close_ts) - epoch(before_close_ts) AS older_closed_s
FROM (
    SELECT *, lag(close_ts) OVER (PARTITION BY station ORDER BY number) AS before_close_ts FROM connection
)
WHERE before_close_ts > open_ts AND before_close_ts <= close_ts;

CREATE OR REPLACE TABLE scratch.liveness AS
SELECT x.connection_id, coalesce(s.survived, 0) AS survived,
    coalesce((SELECT sum(pongs) FROM ponged AS p WHERE p.station = x.station), 0) AS pongs_ever,
    EXISTS (SELECT 1 FROM ponged AS p WHERE p.source_id = c.csms_source AND p.station <> x.station) AS pongs_logged,
    l.last_pong_s, coalesce(d.deaf_calls, 0) AS deaf_calls, coalesce(d.deaf_share, 0) AS deaf_share, o.older_closed_s
FROM ending AS x JOIN connection AS c USING (connection_id)
LEFT JOIN survival AS s USING (connection_id)
LEFT JOIN last_pong AS l USING (connection_id)
LEFT JOIN deafness AS d USING (connection_id)
LEFT JOIN older AS o USING (connection_id);
