-- How each station keeps its connection alive, for advice.
-- Grain: one row per station whose heartbeat interval is known (event_id: where it was set last).
-- Reads: fact, station, connection, event, lost. Units: seconds, UTC. interval_s: the heartbeat
-- interval; lost_quiet: connections lost in a quiet of more than a minute. Of stations on a cellular
-- link whose heartbeats are further apart than that, ping_s: time connected per ping or pong, null
-- where none is logged; survived_s: the longest such quiet that a connection outlived.

CREATE TABLE keepalive AS
WITH setting AS (
    SELECT station, max(valid_from) AS ts, arg_max(event_id, (valid_from, event_id)) AS event_id,
        arg_max(value::DOUBLE, (valid_from, event_id)) AS interval_s
    FROM fact WHERE key = 'heartbeat_interval_s' AND try_cast(value AS DOUBLE) > 0 GROUP BY ALL
),
-- Whatever is quiet for more than a minute is quiet from one minute with traffic to the next.
minute AS (
    SELECT station, min(ts) AS first_ts, max(ts) AS last_ts,
        count(*) FILTER (action IN ('ws.ping', 'ws.pong')) AS pings
    FROM event
    WHERE station IN (SELECT station FROM setting JOIN station USING (station)
            WHERE interval_s > 60 AND link = 'cellular')
        AND action IN ('ocpp.call', 'ocpp.result', 'ocpp.error', 'ws.ping', 'ws.pong')
        AND kind IN ('csms', 'station') AND ts IS NOT NULL
    GROUP BY station, epoch_us(ts) // 60000000
),
quiet AS (
    SELECT station, lag(last_ts) OVER (PARTITION BY station ORDER BY first_ts) AS from_ts, first_ts AS ts
    FROM minute QUALIFY ts - from_ts > INTERVAL 60 SECOND
),
survived AS (
    SELECT q.station, max(epoch(q.ts) - epoch(q.from_ts)) AS survived_s
    FROM quiet AS q ASOF JOIN (SELECT * FROM connection WHERE open_ts IS NOT NULL) AS c
        ON q.station = c.station AND q.from_ts >= c.open_ts
    WHERE coalesce(q.ts <= c.close_ts, true)
    GROUP BY ALL
),
pinged AS (SELECT station, sum(pings) AS pings, max(last_ts) AS last_ts FROM minute GROUP BY ALL HAVING pings > 0),
paced AS (
    SELECT p.station, sum(epoch(coalesce(c.close_ts, p.last_ts)) - epoch(c.open_ts)) / any_value(p.pings) AS ping_s
    FROM pinged AS p JOIN connection AS c ON c.station = p.station AND c.open_ts IS NOT NULL
    GROUP BY ALL
)
SELECT row_number() OVER (ORDER BY s.station) AS keepalive_id, s.station, s.ts,
    order_of(s.ts, 8, s.event_id) AS ord, s.event_id, s.interval_s, q.survived_s, p.ping_s,
    (SELECT count(*) FROM lost AS l WHERE l.station = s.station AND NOT l.orderly AND l.idle_s > 60) AS lost_quiet
FROM setting AS s LEFT JOIN survived AS q USING (station) LEFT JOIN paced AS p USING (station);
