-- Stretches in which a modem had no service, and the one that each ended connection fell into.
-- Reads: key_event, connection, ending_traffic. Units: seconds, UTC.
-- An outage begins with the first sign that the modem, its registration or its data session is gone, and
-- ends with the next data session; signs more than five minutes apart are two outages. outage: what began it: reset (of the modem), registration (lost or
-- denied), network (it ended the data session), other; outage_moved: it ended with another address.

CREATE OR REPLACE TABLE scratch.modem_sign AS
WITH told AS (
    SELECT source_id, station, ts, ord,
        CASE WHEN action = 'modem.reset' THEN CASE WHEN detail IS DISTINCT FROM 'log-start' THEN 'reset' END
             WHEN action = 'modem.registration' THEN
                 CASE WHEN registration IN ('searching', 'denied', 'idle', 'unknown') THEN 'registration' END
             WHEN action = 'modem.detach' THEN CASE WHEN detail = 'network' THEN 'network' ELSE 'other' END END AS down,
        action IN ('modem.attach', 'modem.address') OR action = 'modem.ip_change' AND detail IS DISTINCT FROM 'derived' AS served, action = 'modem.ip_change' AS moved,
        action = 'modem.registration' AND registration IN ('home', 'roaming', 'registered') AS registered
    FROM key_event WHERE kind = 'modem' AND station IS NOT NULL AND action IN (
        'modem.reset', 'modem.registration', 'modem.detach', 'modem.attach', 'modem.address', 'modem.ip_change')
)
-- A log that tells of no data session tells of the registration.
SELECT * EXCLUDE (served, registered), served OR registered AND NOT bool_or(served) OVER (PARTITION BY source_id) AS up
FROM told;

-- Grain: one row per outage.
CREATE OR REPLACE TABLE scratch.outage AS
WITH numbered AS (
    SELECT *, sum((up OR late)::INTEGER) OVER (PARTITION BY source_id, station ORDER BY ord) AS number
    FROM (
        SELECT *, coalesce(ts - lag(ts) OVER (PARTITION BY source_id, station ORDER BY ord) > INTERVAL 5 MINUTE, false) AS late
        FROM modem_sign
    )
),
gone AS (
    SELECT source_id, station, number, min(ts) AS from_ts,
        CASE WHEN bool_or(down = 'reset') THEN 'reset'
             ELSE coalesce(arg_min(down, ord) FILTER (down <> 'other'), 'other') END AS outage
    FROM numbered WHERE down IS NOT NULL GROUP BY ALL
),
back AS (SELECT source_id, station, number, min(ts) AS ts FROM numbered WHERE up GROUP BY ALL)
SELECT g.station, g.from_ts, g.outage, epoch(b.ts) - epoch(g.from_ts) AS outage_s,
    EXISTS (
        SELECT 1 FROM modem_sign AS m WHERE m.moved AND m.station = g.station
            AND m.ts BETWEEN g.from_ts AND b.ts + INTERVAL 30 SECOND
    ) AS outage_moved
FROM gone AS g LEFT JOIN back AS b ON b.source_id = g.source_id AND b.station = g.station AND b.number = g.number + 1;

-- Grain: one row per ended connection: the first outage after the last message that got through.
CREATE OR REPLACE TABLE scratch.modem_outage AS
SELECT c.connection_id, arg_min(o.outage, o.from_ts) AS outage, arg_min(o.outage_s, o.from_ts) AS outage_s,
    arg_min(o.outage_moved, o.from_ts) AS outage_moved
FROM connection AS c JOIN ending_traffic AS t USING (connection_id)
JOIN outage AS o ON o.station = c.station
    AND o.from_ts BETWEEN c.close_ts - to_microseconds((1e6 * least(csms_heard_s, station_heard_s, 1800))::BIGINT)
        - INTERVAL 10 SECOND AND c.close_ts + INTERVAL 1 MINUTE
WHERE c.close_ts IS NOT NULL
GROUP BY ALL;
