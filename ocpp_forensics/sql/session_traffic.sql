-- Traffic around the end of each connection: who spoke last, and who was not answered.
-- Grain: one row per ended connection. Reads: connection, event, hole. Units: seconds, UTC.
-- Only frames and keepalives of the half hour before an end are looked at one by one; for what lies
-- further back the last one of each quarter hour is enough. until_ts: the end, or the opening of the next
-- connection where that came before it: what is said from then on is said on the new one.

CREATE OR REPLACE MACRO quarter_of(ts) AS (epoch_us(ts) // 900000000);

CREATE OR REPLACE TABLE scratch.ending AS
SELECT connection_id, station, open_ts, close_ts,
    CASE WHEN next_open_ts < close_ts - INTERVAL 1 SECOND THEN next_open_ts ELSE close_ts END AS until_ts
FROM connection WHERE close_ts IS NOT NULL;

CREATE OR REPLACE TABLE scratch.wanted AS
SELECT DISTINCT station, quarter FROM (
    SELECT station, unnest([quarter_of(close_ts), quarter_of(close_ts) - 1, quarter_of(close_ts) - 2]) AS quarter
    FROM ending
);

CREATE OR REPLACE TABLE scratch.near_traffic AS
SELECT e.station, e.ts, e.kind, e.action, e.event_id, e.ocpp_action, e.source_id, e.message_key,
    coalesce(e.direction = 'to_csms', false) AS up, e.direction IS NOT NULL AS directed
FROM event AS e JOIN wanted AS w ON e.station = w.station AND quarter_of(e.ts) = w.quarter
WHERE e.action IN ('ocpp.call', 'ocpp.result', 'ocpp.error', 'ws.ping', 'ws.pong')
    AND e.kind IN ('csms', 'station') AND e.ts IS NOT NULL;

-- The last traffic of one kind before each end, at one vantage point or any.
CREATE OR REPLACE MACRO scratch.last_before(vantage, upward) AS TABLE
SELECT x.connection_id, t.ts
FROM ending AS x ASOF JOIN (
    SELECT station, ts FROM near_traffic
    WHERE (vantage IS NULL OR kind = vantage) AND (upward IS NULL OR (directed AND up = upward))
) AS t ON x.station = t.station AND x.until_ts > t.ts
WHERE x.open_ts IS NULL OR t.ts >= x.open_ts - INTERVAL 5 SECOND;

-- Grain: one row per connection that ended, with traffic near its end: the last of it.
CREATE OR REPLACE TABLE scratch.last_near AS FROM last_before(NULL, NULL);

CREATE OR REPLACE TABLE scratch.far_traffic AS
SELECT station, max(ts) AS any_ts
FROM event
WHERE action IN ('ocpp.call', 'ocpp.result', 'ocpp.error', 'ws.ping', 'ws.pong')
    AND kind IN ('csms', 'station') AND ts IS NOT NULL
    AND station IN (SELECT station FROM ending ANTI JOIN last_near USING (connection_id))
GROUP BY station, quarter_of(ts);

-- The first message after a moment that asks for an answer, at one vantage point: it got none.
CREATE OR REPLACE MACRO scratch.first_after(vantage, upward) AS TABLE
SELECT x.connection_id, t.ts
FROM (
    SELECT x.connection_id, x.station, x.until_ts, coalesce(l.ts, x.open_ts) AS since_ts
    FROM ending AS x LEFT JOIN last_before(vantage, NOT upward) AS l USING (connection_id)
) AS x ASOF JOIN (
    SELECT station, ts FROM near_traffic
    WHERE kind = vantage AND directed AND up = upward AND action IN ('ocpp.call', 'ws.ping')
) AS t ON x.station = t.station AND x.since_ts < t.ts
WHERE t.ts < x.until_ts;

CREATE OR REPLACE TABLE scratch.ping_pace AS
SELECT connection_id, median(gap_s) AS ping_interval_s, count(*) + 1 AS pings
FROM (
    SELECT x.connection_id, epoch(t.ts) - epoch(lag(t.ts) OVER (
        PARTITION BY x.connection_id ORDER BY t.ts)) AS gap_s
    FROM ending AS x JOIN near_traffic AS t ON t.station = x.station
        AND t.ts BETWEEN greatest(x.open_ts, x.close_ts - INTERVAL 25 MINUTE) AND x.close_ts
    WHERE t.action = 'ws.pong' AND t.directed AND t.up
)
WHERE gap_s > 0.5
GROUP BY ALL HAVING count(*) >= 2;

-- Grain: one row per station: the pace of its Heartbeats while it is connected.
CREATE OR REPLACE TABLE scratch.beat_pace AS
SELECT station, median(gap_s) AS beat_s
FROM (
    SELECT t.station, epoch(t.ts) - epoch(lag(t.ts) OVER (PARTITION BY t.source_id, x.connection_id ORDER BY t.ts)) AS gap_s
    FROM near_traffic AS t ASOF JOIN (SELECT * FROM ending WHERE open_ts IS NOT NULL) AS x
        ON t.station = x.station AND t.ts >= x.open_ts
    WHERE t.ocpp_action = 'Heartbeat' AND t.action = 'ocpp.call' AND t.ts < x.close_ts
)
GROUP BY station HAVING count(gap_s) >= 3;

CREATE OR REPLACE TABLE scratch.pong_delay AS
SELECT x.connection_id, median(k.rtt_ms) / 1000 AS rtt_s
FROM ending AS x JOIN (
    SELECT e.station, e.ts, d.rtt_ms FROM event AS e JOIN detail AS d ON d.record_id = e.event_id
    WHERE d.rtt_ms IS NOT NULL
) AS k ON k.station = x.station AND k.ts BETWEEN x.close_ts - INTERVAL 5 MINUTE AND x.close_ts
GROUP BY ALL;

-- How long CALLs wait for their answers before the end: the round trip where no ping tells it.
CREATE OR REPLACE TABLE scratch.call_delay AS
SELECT x.connection_id, median(epoch(a.ts) - epoch(c.ts)) AS answer_s
FROM near_traffic AS c
JOIN near_traffic AS a ON a.source_id = c.source_id AND a.message_key = c.message_key
    AND a.action <> 'ocpp.call' AND a.ts BETWEEN c.ts AND c.ts + INTERVAL 2 MINUTE
JOIN ending AS x ON x.station = c.station AND c.ts BETWEEN x.close_ts - INTERVAL 10 MINUTE AND x.close_ts
WHERE c.action = 'ocpp.call' AND c.directed AND c.up = (c.kind = 'station')
GROUP BY ALL;

-- When something last crossed the path: whatever had been quiet before was survived.
CREATE OR REPLACE TABLE scratch.heard AS
SELECT x.connection_id, greatest(s.ts, c.ts) AS crossed_ts
FROM ending AS x
LEFT JOIN last_before('station', false) AS s USING (connection_id)
LEFT JOIN last_before('csms', true) AS c USING (connection_id);

-- Grain: one row per station: the longest quiet that its connections survived, in the traffic at hand.
CREATE OR REPLACE TABLE scratch.survived AS
SELECT station, max(gap_s) AS quiet_survived_s
FROM (
    SELECT t.station, t.ts, x.connection_id, quarter_of(t.ts) AS quarter,
        quarter_of(lag(t.ts) OVER w) AS before_quarter, epoch(t.ts) - epoch(lag(t.ts) OVER w) AS gap_s
    FROM near_traffic AS t ASOF JOIN (SELECT * FROM ending WHERE open_ts IS NOT NULL) AS x
        ON t.station = x.station AND t.ts >= x.open_ts
    WHERE t.ts < x.close_ts
    WINDOW w AS (PARTITION BY x.connection_id ORDER BY t.ts)
) AS gap JOIN heard USING (connection_id)
WHERE gap.ts <= heard.crossed_ts AND before_quarter >= quarter - 1
    -- What passed in a hole of the log is not known.
    AND NOT EXISTS (SELECT 1 FROM hole AS h WHERE coalesce(h.station = gap.station, true) AND h.to_ts <= gap.ts
        AND h.from_ts >= gap.ts - to_microseconds(((gap.gap_s + 1) * 1e6)::BIGINT))
GROUP BY ALL;

CREATE TABLE ending_traffic AS
WITH measured AS (
    SELECT x.connection_id, x.station, x.open_ts, x.close_ts,
        a.ts AS last_any_ts, s_in.ts AS station_heard_ts, s_out.ts AS station_unanswered_ts,
        c_in.ts AS csms_heard_ts, c_out.ts AS csms_unanswered_ts, u.ts AS last_up_ts,
        d.ts AS last_down_ts, f.any_ts AS far_any_ts
    FROM ending AS x
    LEFT JOIN last_near AS a USING (connection_id)
    LEFT JOIN last_before(NULL, true) AS u USING (connection_id)
    LEFT JOIN last_before(NULL, false) AS d USING (connection_id)
    LEFT JOIN last_before('station', false) AS s_in USING (connection_id)
    LEFT JOIN first_after('station', true) AS s_out USING (connection_id)
    LEFT JOIN last_before('csms', true) AS c_in USING (connection_id)
    LEFT JOIN first_after('csms', false) AS c_out USING (connection_id)
    LEFT JOIN (
        SELECT x.connection_id, f.any_ts FROM ending AS x
        ASOF JOIN far_traffic AS f ON x.station = f.station AND x.until_ts > f.any_ts
        WHERE x.open_ts IS NULL OR f.any_ts >= x.open_ts - INTERVAL 5 SECOND
    ) AS f USING (connection_id)
),
-- Ends after a hole: what was said last is not known.
holed AS (
    SELECT m.connection_id,
        bool_or(h.from_ts >= coalesce(last_any_ts, far_any_ts, open_ts) - INTERVAL 1 SECOND) AS any_unknown,
        bool_or(h.kind = 'csms' AND h.from_ts >= coalesce(csms_heard_ts, open_ts) - INTERVAL 1 SECOND) AS csms_unknown,
        bool_or(h.kind = 'station' AND h.from_ts >= coalesce(station_heard_ts, open_ts) - INTERVAL 1 SECOND)
            AS station_unknown
    FROM measured AS m JOIN hole AS h ON coalesce(h.station = m.station, h.kind = 'csms')
        AND h.from_ts < m.close_ts AND coalesce(h.from_ts >= m.open_ts, true)
    GROUP BY ALL
)
SELECT m.connection_id,
    -- A station says something every quarter of an hour at least: a log that shows nothing shows no messages.
    CASE WHEN any_unknown OR coalesce(last_any_ts, far_any_ts) IS NULL AND close_ts > open_ts + INTERVAL 15 MINUTE THEN NULL
         ELSE epoch(close_ts) - epoch(greatest(coalesce(last_any_ts, far_any_ts), open_ts)) END AS silence_s,
    coalesce(last_any_ts, far_any_ts) IS NOT NULL AS had_traffic,
    CASE WHEN csms_unknown THEN NULL
         ELSE epoch(close_ts) - epoch(greatest(csms_heard_ts, open_ts)) END AS csms_heard_s,
    CASE WHEN station_unknown THEN NULL
         ELSE epoch(close_ts) - epoch(greatest(station_heard_ts, open_ts)) END AS station_heard_s,
    -- Quiet before the first message that got no answer, and how long that message was waited for.
    CASE WHEN station_unanswered_ts IS NOT NULL AND station_unknown IS DISTINCT FROM true
         THEN epoch(station_unanswered_ts) - epoch(greatest(station_heard_ts, open_ts)) END AS station_idle_s,
    CASE WHEN station_unknown THEN NULL
         ELSE epoch(close_ts) - epoch(station_unanswered_ts) END AS station_waited_s,
    CASE WHEN csms_unanswered_ts IS NOT NULL AND csms_unknown IS DISTINCT FROM true
         THEN epoch(csms_unanswered_ts) - epoch(greatest(csms_heard_ts, open_ts)) END AS csms_idle_s,
    CASE WHEN csms_unknown THEN NULL ELSE epoch(close_ts) - epoch(csms_unanswered_ts) END AS csms_waited_s,
    coalesce(p.ping_interval_s, o.ping_interval_s) AS ping_interval_s, p.pings, b.beat_s, r.rtt_s,
    w.answer_s, q.quiet_survived_s
FROM measured AS m
LEFT JOIN (
    SELECT x.station, median(p.ping_interval_s) AS ping_interval_s
    FROM ping_pace AS p JOIN ending AS x USING (connection_id) GROUP BY ALL
) AS o ON o.station = m.station
LEFT JOIN ping_pace AS p USING (connection_id)
LEFT JOIN beat_pace AS b ON b.station = m.station
LEFT JOIN pong_delay AS r USING (connection_id)
LEFT JOIN call_delay AS w USING (connection_id)
LEFT JOIN survived AS q ON q.station = m.station
LEFT JOIN holed AS h USING (connection_id);
