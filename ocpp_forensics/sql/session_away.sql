-- Stations that stopped trying to connect: alive, or missed while others came back.
-- Grain: one row per stretch without a connection or an attempt, half an hour or more and ten times as long
-- as the station usually waits. Reads: retry, connection, event, key_event, booted, coverage. Units: seconds,
-- UTC. ts, event_id: the last attempt, or the loss; until_ts: the next attempt, or the end of the logs that
-- would show one; usual_s: the station's median wait; tried: attempts before; alive_lines: lines of the
-- station's own log in the stretch, from ten minutes after its begin; alive_s: up to the last of them; others: stations that were
-- lost within a minute of it, back_share: how many of them were back within half an hour; said: its log says
-- that it gave up; restarted: the stretch ended with a restart.

CREATE OR REPLACE TABLE scratch.stillness AS
WITH step AS (
    SELECT station, ts, coalesce(end_ts, ts) AS end_ts, event_id, opened, 'attempt' AS what, place + 1 AS tried FROM retry
    UNION ALL
    SELECT station, close_ts, close_ts, coalesce(station_close_event, csms_close_event, proxy_close_event), false, 'loss', 0
    FROM connection WHERE close_ts IS NOT NULL
),
paced AS (SELECT station, median(delay_s) AS usual_s FROM retry WHERE delay_s IS NOT NULL GROUP BY station),
ordered AS (
    SELECT *, lead(ts) OVER (PARTITION BY station ORDER BY ts, what DESC) AS next_ts FROM step
),
watched AS (
    SELECT (SELECT max(to_ts) FROM coverage WHERE kind IN ('csms', 'proxy')) AS front_ts
),
own AS (SELECT station, max(ts) AS last_ts FROM event WHERE kind = 'station' AND station IS NOT NULL GROUP BY station)
SELECT o.station, o.end_ts AS ts, o.event_id, o.tried, o.next_ts, p.usual_s,
    coalesce(o.next_ts, greatest(coalesce(w.front_ts, l.last_ts), coalesce(l.last_ts, w.front_ts))) AS until_ts
FROM ordered AS o CROSS JOIN watched AS w LEFT JOIN paced AS p USING (station) LEFT JOIN own AS l USING (station)
WHERE NOT o.opened AND (o.next_ts IS NOT NULL OR w.front_ts IS NOT NULL OR l.last_ts IS NOT NULL)
    AND epoch(until_ts) - epoch(o.end_ts) >= greatest(1800, 10 * coalesce(p.usual_s, 0))
    AND NOT EXISTS (SELECT 1 FROM connection AS c WHERE c.station = o.station
        -- Stamps may be whole seconds: a connection that outlives the loss by seconds is the next one.
        AND c.open_ts > o.end_ts - INTERVAL 5 SECOND AND c.open_ts < coalesce(o.next_ts, c.open_ts + INTERVAL 1 SECOND)
        AND (c.open_ts > o.end_ts OR c.close_ts IS NULL OR c.close_ts > o.end_ts + INTERVAL 5 SECOND));

-- What the station's own log and the CSMS's log say meanwhile; frames that arrive mean that it is connected.
CREATE OR REPLACE TABLE scratch.sign_of_life AS
SELECT p.station, p.ts, count(*) FILTER (e.kind = 'station' AND e.ts > p.ts + INTERVAL 10 MINUTE) AS alive_lines,
    max(e.ts) FILTER (e.kind = 'station') AS alive_ts,
    count(*) FILTER (e.action IN ('ocpp.call', 'ocpp.result', 'ocpp.error', 'ws.pong')
        AND (e.kind = 'csms' AND e.direction = 'to_csms' OR e.kind = 'station' AND e.direction = 'to_station')
        AND e.ts > p.ts + INTERVAL 1 MINUTE) AS heard
FROM (
    SELECT station, ts, kind, action, direction FROM event
    WHERE ts IS NOT NULL AND kind IN ('station', 'csms') AND station IN (SELECT station FROM stillness)
) AS e ASOF JOIN stillness AS p ON e.station = p.station AND e.ts >= p.ts
WHERE e.ts < p.until_ts
GROUP BY p.station, p.ts;

CREATE OR REPLACE TABLE scratch.fellow AS
SELECT p.station, p.ts, count(DISTINCT c.station) AS others,
    count(DISTINCT c.station) FILTER (c.next_open_ts <= c.close_ts + INTERVAL 30 MINUTE) / count(DISTINCT c.station) AS back_share
FROM stillness AS p JOIN connection AS c ON c.station <> p.station
    AND c.close_ts BETWEEN p.ts - INTERVAL 1 MINUTE AND p.ts + INTERVAL 1 MINUTE
GROUP BY p.station, p.ts;

CREATE TABLE away AS
WITH told AS (
    SELECT p.station, p.ts, bool_or(k.action = 'station.gave_up') AS said, bool_or(k.action = 'station.boot' AND k.ts > p.ts + INTERVAL 1 MINUTE) AS restarted
    FROM stillness AS p JOIN key_event AS k ON k.station = p.station AND k.action IN ('station.gave_up', 'station.boot')
        AND k.ts BETWEEN p.ts - INTERVAL 1 MINUTE AND p.until_ts + INTERVAL 1 MINUTE
    GROUP BY p.station, p.ts
),
seen AS (
    SELECT p.*, coalesce(l.alive_lines, 0) AS alive_lines, epoch(l.alive_ts) - epoch(p.ts) AS alive_s,
        coalesce(f.others, 0) AS others, coalesce(f.back_share, 0) AS back_share,
        coalesce(t.said, false) AS said, p.next_ts IS NOT NULL AS came_back,
        coalesce(t.restarted, false) OR EXISTS (SELECT 1 FROM boot AS b WHERE b.station = p.station
            AND b.ts BETWEEN p.next_ts - INTERVAL 5 SECOND AND p.next_ts + INTERVAL 1 MINUTE) AS restarted
    FROM stillness AS p
    LEFT JOIN sign_of_life AS l USING (station, ts)
    LEFT JOIN fellow AS f USING (station, ts)
    LEFT JOIN told AS t USING (station, ts)
    WHERE coalesce(l.heard, 0) = 0
)
SELECT row_number() OVER (ORDER BY ts, station) AS away_id, order_of(ts, 8, row_number() OVER (ORDER BY ts, station)) AS ord,
    * EXCLUDE (next_ts), epoch(until_ts) - epoch(ts) AS away_s
FROM seen WHERE said OR alive_lines > 0 OR others > 0;
