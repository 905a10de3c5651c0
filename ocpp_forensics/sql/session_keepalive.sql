-- How each station keeps its connection alive, for advice.
-- Grain: one row per station whose heartbeat interval is known (event_id: where it was set last).
-- Reads: fact, connection, event, lost. Units: seconds, UTC. interval_s: the heartbeat
-- interval; ping_s: mean time between pings or pongs while connected, null where none is logged;
-- survived_s: the longest quiet that a connection outlived; lost_quiet: connections lost in a quiet
-- of more than a minute.

CREATE TABLE keepalive AS
WITH setting AS (
    SELECT station, max(valid_from) AS ts, arg_max(event_id, (valid_from, event_id)) AS event_id,
        arg_max(value::DOUBLE, (valid_from, event_id)) AS interval_s
    FROM fact WHERE key = 'heartbeat_interval_s' AND try_cast(value AS DOUBLE) > 0 GROUP BY ALL
),
spoken_at AS (
    SELECT e.station, e.ts, e.action IN ('ws.ping', 'ws.pong') AS pings, c.connection_id
    FROM (
        SELECT station, ts, action FROM event
        WHERE station IN (SELECT station FROM setting WHERE interval_s > 60)
            AND action IN ('ocpp.call', 'ocpp.result', 'ocpp.error', 'ws.ping', 'ws.pong')
            AND kind IN ('csms', 'station') AND ts IS NOT NULL
    ) AS e
    ASOF JOIN (SELECT * FROM connection WHERE open_ts IS NOT NULL) AS c
        ON e.station = c.station AND e.ts >= c.open_ts
    WHERE coalesce(e.ts <= c.close_ts, true)
),
gap AS (
    SELECT station, connection_id, ts, pings, epoch(ts) - epoch(lag(ts) OVER (
        PARTITION BY connection_id ORDER BY ts)) AS quiet_s
    FROM spoken_at
),
paced AS (
    SELECT station, max(quiet_s) AS survived_s, sum(quiet_s) / nullif(count(*) FILTER (pings), 0) AS ping_s
    FROM gap GROUP BY ALL
)
SELECT row_number() OVER (ORDER BY s.station) AS keepalive_id, s.station, s.ts,
    order_of(s.ts, 8, s.event_id) AS ord, s.event_id, s.interval_s, p.survived_s, p.ping_s,
    (SELECT count(*) FROM lost AS l WHERE l.station = s.station AND NOT l.orderly AND l.idle_s > 60) AS lost_quiet
FROM setting AS s LEFT JOIN paced AS p USING (station);
