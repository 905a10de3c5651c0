-- Which vantage points the logs cover, when, and for which station; where a log has holes.
-- Reads: event, source, key_event. Fills: key_event (log.gap). Units: UTC, seconds.

-- Grain: one row per source and minute in which it writes anything (lines), or OCPP frames.
CREATE OR REPLACE TABLE scratch.pulse AS
SELECT source_id, what, epoch_us(ts) // 60000000 AS minute, min(ts) AS low, max(ts) AS high, max(event_id) AS event_id
FROM (
    SELECT source_id, ts, event_id, 'lines' AS what FROM event
    UNION ALL
    SELECT source_id, ts, event_id, 'frames' FROM event WHERE action IN ('ocpp.call', 'ocpp.result', 'ocpp.error')
)
WHERE ts IS NOT NULL GROUP BY ALL;

-- Grain: one row per silence of a source that is long for it: ten minutes, and four times what it
-- usually pauses. span: minutes in which whoever speaks would have been heard twice.
CREATE OR REPLACE TABLE scratch.pause AS
WITH paused AS (
    SELECT source_id, what, minute, low AS to_ts, lag(high) OVER w AS from_ts, lag(minute) OVER w AS last_minute,
        epoch(low) - epoch(from_ts) AS silent_s
    FROM pulse WINDOW w AS (PARTITION BY source_id, what ORDER BY minute)
),
-- Frames that never come back, although the log goes on.
ceased AS (
    SELECT l.source_id, 'frames' AS what, l.minute, l.ts AS to_ts, f.ts AS from_ts, f.minute AS last_minute,
        epoch(l.ts) - epoch(f.ts) AS silent_s
    FROM (SELECT source_id, max(minute) AS minute, max(high) AS ts FROM pulse WHERE what = 'lines' GROUP BY ALL) AS l
    JOIN (SELECT source_id, max(minute) AS minute, max(high) AS ts FROM pulse WHERE what = 'frames' GROUP BY ALL) AS f
        USING (source_id)
),
pace AS (
    SELECT source_id, what, quantile_cont(silent_s, 0.95) AS pace_s FROM paused
    WHERE silent_s IS NOT NULL GROUP BY ALL HAVING count(*) >= 10
)
SELECT row_number() OVER (ORDER BY source_id, what, minute) AS pause, p.*,
    least(10 + (2 * pace_s // 60)::BIGINT, 300) AS span
FROM (SELECT *, false AS lasting FROM paused UNION ALL SELECT *, true FROM ceased) AS p
JOIN pace USING (source_id, what)
WHERE silent_s >= greatest(600, 4 * pace_s)
    -- Frames alone are missing where other lines go on.
    AND (what = 'lines' OR 3 <= (SELECT count(*) FROM pulse AS l WHERE l.what = 'lines'
        AND l.source_id = p.source_id AND l.minute > p.last_minute AND l.minute < p.minute));

-- Grain: one row per hole: a silence after which stations go on as before it, without a new connection.
-- A log that is silent because nothing happens ends otherwise. what: lines, or frames alone (a log level
-- that was lower for a time, or, lasting, up to the end of the log).
CREATE TABLE hole AS
WITH near AS (
    SELECT pause, source_id, unnest(range(last_minute - span, last_minute + 1)) AS minute, false AS later FROM pause
    UNION ALL
    SELECT pause, source_id, unnest(range(minute, minute + span + 1)), true FROM pause
),
told AS (
    SELECT n.pause, n.later, e.station, e.ts, e.event_id,
        e.action IN ('ocpp.call', 'ocpp.result', 'ocpp.error', 'ws.ping', 'ws.pong')
            AND e.ocpp_action IS DISTINCT FROM 'BootNotification' AS talks
    FROM near AS n JOIN event AS e ON e.source_id = n.source_id AND epoch_us(e.ts) // 60000000 = n.minute
    WHERE e.station IS NOT NULL AND e.action <> 'log.message'
),
spoke AS (
    SELECT pause, station, arg_max(talks, (ts, event_id)) FILTER (NOT later) AS talked,
        arg_min(talks, (ts, event_id)) FILTER (later) AS talks
    FROM told GROUP BY ALL
),
stayed AS (
    SELECT s.pause, s.talked, s.talks AND NOT EXISTS (
        SELECT 1 FROM key_event AS k WHERE k.station = s.station AND k.source_id = p.source_id
            AND k.ts > p.from_ts AND k.ts <= p.to_ts AND k.action IN (
                'ws.open', 'csms.online', 'ws.upgrade', 'tcp.connect', 'station.boot')) AS talks
    FROM spoke AS s JOIN pause AS p USING (pause)
    WHERE s.talks IS NOT NULL
),
-- Stations that no line tells the end of, or that are heard elsewhere: one alone may have fallen silent.
lasted AS (
    SELECT s.pause, s.station, NOT EXISTS (
            SELECT 1 FROM key_event AS k WHERE k.station = s.station AND k.source_id = p.source_id AND k.ts > p.from_ts
                AND k.action NOT IN ('ws.open', 'csms.online', 'ws.upgrade', 'tcp.connect', 'station.boot')
                AND k.ts <= p.from_ts + to_seconds(60 * p.span)) AS talks,
        EXISTS (SELECT 1 FROM event AS e WHERE e.station = s.station AND e.source_id <> p.source_id
            AND e.action IN ('ocpp.call', 'ocpp.result') AND e.ts > p.from_ts + INTERVAL 1 MINUTE) AS elsewhere
    FROM spoke AS s JOIN pause AS p USING (pause)
    WHERE p.lasting AND s.talked
),
counted AS (
    SELECT pause, count(*) FILTER (talks) AS stations FROM stayed
    WHERE talked AND pause NOT IN (SELECT pause FROM pause WHERE lasting)
    GROUP BY ALL HAVING count(*) FILTER (talks) >= count(*) / 2
    UNION ALL
    SELECT pause, count(*) FILTER (talks OR elsewhere) FROM lasted
    GROUP BY ALL HAVING count(*) FILTER (talks OR elsewhere) >= count(*) / 2
        AND (bool_or(elsewhere) OR count(*) FILTER (talks) >= 2)
)
SELECT row_number() OVER (PARTITION BY p.source_id, p.what ORDER BY from_ts) AS number, p.what, p.source_id, s.kind,
    CASE WHEN s.kind NOT IN ('csms', 'proxy') THEN s.station END AS station, p.from_ts, p.to_ts, p.silent_s,
    p.lasting, c.stations, b.event_id
FROM pause AS p JOIN counted AS c USING (pause) JOIN source AS s USING (source_id)
JOIN pulse AS b ON b.source_id = p.source_id AND b.what = p.what AND b.minute = p.last_minute
WHERE c.stations > 0;

INSERT INTO key_event BY NAME
SELECT h.event_id, h.from_ts AS ts, h.source_id, s.rank, order_of(h.from_ts, 8, h.event_id) AS ord, h.kind,
    h.station, 'log.gap' AS action, h.silent_s AS silence_s
FROM hole AS h JOIN source AS s USING (source_id)
WHERE h.what = 'lines';

-- Grain: one row per kind and station (null: covers every station) and stretch. A log covers from its
-- first to its last record; a hole, or six hours of silence, ends a stretch. until_ts: what is not told
-- up to then has not happened, as a log that just ends may have been cut a little early.
CREATE TABLE coverage AS
WITH slot AS (
    SELECT kind, source_id, CASE WHEN kind IN ('csms', 'proxy') THEN NULL ELSE station END AS station,
        epoch_us(ts) // 600000000 AS slot, min(ts) AS low, max(ts) AS high
    FROM event WHERE ts IS NOT NULL AND kind <> '' GROUP BY ALL
),
holed AS (
    SELECT s.*, coalesce(h.number, 0) AS holes
    FROM slot AS s ASOF LEFT JOIN (SELECT * FROM hole WHERE what = 'lines') AS h
        ON h.source_id = s.source_id AND s.high >= h.to_ts
),
gap AS (
    SELECT *, CASE WHEN low - lag(high) OVER w <= INTERVAL 6 HOUR AND holes = lag(holes) OVER w THEN 0 ELSE 1 END AS begins
    FROM holed WINDOW w AS (PARTITION BY kind, source_id, station ORDER BY slot)
),
numbered AS (
    SELECT *, sum(begins) OVER (PARTITION BY kind, source_id, station ORDER BY slot) AS stretch FROM gap
),
stretched AS (
    SELECT kind, source_id, station, min(low) AS from_ts, max(high) AS to_ts
    FROM numbered GROUP BY kind, source_id, station, stretch
)
SELECT s.*, least(s.to_ts + INTERVAL 15 MINUTE, h.from_ts) AS until_ts
FROM stretched AS s ASOF LEFT JOIN (SELECT * FROM hole WHERE what = 'lines') AS h
    ON h.source_id = s.source_id AND s.to_ts <= h.from_ts;
