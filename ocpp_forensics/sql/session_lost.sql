-- Connections that ended, with everything that each of them tells (session_rhythm adds what they
-- have in common). Grain: one row per ended connection. Reads: connection, attempt, ending_traffic,
-- boot, key_event.
-- Units: seconds, UTC. code: the close code that was on the wire, 1006 where none was; initiator:
-- csms or station where a close frame tells; orderly: a normal close (1000) or after a Reset;
-- path_dead: each side hung up without having heard the other; together: stations
-- lost within 5 s; online: stations connected at that moment.

CREATE OR REPLACE TABLE scratch.restarted AS
SELECT c.connection_id, bool_or(k.action IS NOT NULL) AS station_restarted,
    max(k.boot_reason) AS boot_reason
FROM connection AS c LEFT JOIN ending_traffic AS t USING (connection_id)
JOIN key_event AS k ON k.station = c.station AND k.action IN ('station.boot', 'station.reset') AND k.kind = 'station'
    -- A dead connection may be closed long after its station is back: it restarted after it was heard last.
    AND k.ts BETWEEN greatest(c.open_ts + INTERVAL 1 SECOND, c.close_ts - to_microseconds(
            (1e6 * CASE WHEN c.next_open_ts < c.close_ts THEN greatest(t.silence_s, 10) ELSE 10 END)::BIGINT))
        AND coalesce(c.next_open_ts, c.close_ts + INTERVAL 1 HOUR)
GROUP BY ALL;

-- The last Reset that the CSMS ordered in the five minutes before.
CREATE OR REPLACE TABLE scratch.reset_before AS
SELECT DISTINCT c.connection_id
FROM connection AS c JOIN spoken AS o ON o.station = c.station AND o.ocpp_type = 2 AND o.ocpp_action = 'Reset'
    AND o.ts BETWEEN c.close_ts - INTERVAL 5 MINUTE AND c.close_ts + INTERVAL 1 SECOND;

-- Failed attempts before the next connection: the station was alive and tried.
CREATE OR REPLACE TABLE scratch.tried AS
SELECT c.connection_id, count(*) AS attempts_between
FROM connection AS c JOIN attempt AS a ON a.station = c.station AND a.stage <> 'open'
    AND a.ts > c.close_ts AND a.ts < c.next_open_ts
GROUP BY ALL;

CREATE OR REPLACE TABLE scratch.boot_after AS
SELECT c.connection_id, min(b.ts) AS boot_ts, any_value(b.reason) AS reason
FROM connection AS c JOIN boot AS b ON b.station = c.station
    AND b.ts BETWEEN c.next_open_ts - INTERVAL 5 SECOND AND c.next_open_ts + INTERVAL 60 SECOND
GROUP BY ALL;

CREATE OR REPLACE TABLE scratch.online AS
WITH change AS (
    SELECT open_ts AS ts, 1 AS step FROM connection WHERE open_ts IS NOT NULL
    UNION ALL SELECT close_ts, -1 FROM connection WHERE close_ts IS NOT NULL AND open_ts IS NOT NULL
)
SELECT ts, sum(steps) OVER (ORDER BY ts) AS connected FROM (SELECT ts, sum(step) AS steps FROM change GROUP BY ts);

-- Share of a station's reconnects that go back to the address before the last one: two devices
-- under one identity take turns.
CREATE OR REPLACE TABLE scratch.alternation AS
SELECT station, avg((client_address = before_last AND client_address <> last)::INTEGER) AS alternates
FROM (
    SELECT station, client_address, lag(client_address) OVER w AS last, lag(client_address, 2) OVER w AS before_last
    FROM connection WHERE client_address IS NOT NULL WINDOW w AS (PARTITION BY station ORDER BY number)
)
WHERE before_last IS NOT NULL
GROUP BY station;

CREATE OR REPLACE TABLE scratch.covered AS
SELECT c.connection_id, bool_or(v.kind = 'csms') AS csms_covered, bool_or(v.kind = 'proxy') AS proxy_covered,
    bool_or(v.kind = 'modem') AS modem_covered, bool_or(v.kind = 'station') AS station_covered
FROM connection AS c LEFT JOIN coverage AS v
    ON (v.station IS NULL OR v.station = c.station) AND c.close_ts BETWEEN v.from_ts AND v.until_ts
WHERE c.close_ts IS NOT NULL
GROUP BY ALL;

-- Devices that have booted under one identity, by their serial numbers.
CREATE OR REPLACE TABLE scratch.device AS
SELECT station, count(DISTINCT serial) AS serials FROM boot WHERE serial IS NOT NULL GROUP BY ALL;

-- Connections of the identity that the station's own log does not know, although it covers them and knows
-- others of the same time: those of another device.
CREATE OR REPLACE TABLE scratch.stranger AS
SELECT station, count(*) FILTER (csms_saw AND NOT station_saw) AS strangers
FROM connection JOIN covered USING (connection_id)
WHERE station_covered AND open_ts IS NOT NULL
GROUP BY station
HAVING count(*) FILTER (csms_saw AND station_saw) > count(*) FILTER (station_saw AND csms_covered AND NOT csms_saw);

CREATE OR REPLACE TABLE scratch.loss AS
WITH ended AS (
    SELECT c.*, t.* EXCLUDE (connection_id), e.* EXCLUDE (connection_id),
        u.* EXCLUDE (connection_id, boot_proof), f.* EXCLUDE (connection_id),
        CASE WHEN r.station_restarted IS NULL AND NOT u.ids_restarted THEN u.boot_proof END AS boot_proof,
        -- What the CSMS sends after the station has given up is no part of the loss.
        CASE WHEN c.late_s > 3
             THEN CASE WHEN c.station_code NOT IN (1005, 1015) THEN c.station_code ELSE 1006 END
             -- 1000 may be the echo of another code.
             WHEN c.csms_code = 1000 AND c.station_code NOT IN (1000, 1005, 1006, 1015) THEN c.station_code
             WHEN c.csms_code NOT IN (1005, 1006, 1015) THEN c.csms_code
             WHEN c.station_code NOT IN (1005, 1006, 1015) THEN c.station_code ELSE 1006 END AS code,
        coalesce(r.station_restarted, false) AS station_restarted, r.boot_reason,
        x.connection_id IS NOT NULL AS reset_ordered,
        coalesce(y.attempts_between, 0) AS attempts_between, coalesce(z.serials, 1) AS serials, coalesce(g.strangers, 0) AS strangers,
        b.boot_ts IS NOT NULL AS booted_next, b.reason AS boot_frame_reason,
        epoch(c.next_open_ts) - epoch(c.close_ts) AS down_s,
        c.next_client_address <> c.client_address AS address_changed,
        coalesce(c.next_open_ts <= c.close_ts + INTERVAL 1 SECOND, false) AS overlapped,
        epoch(c.next_open_ts) - epoch(c.close_ts) + t.csms_heard_s AS unheard_s,
        a.alternates, v.csms_covered, v.proxy_covered, v.modem_covered, v.station_covered
    FROM connection AS c
    LEFT JOIN alternation AS a USING (station)
    LEFT JOIN covered AS v USING (connection_id)
    LEFT JOIN ending_traffic AS t USING (connection_id)
    LEFT JOIN circumstance AS u USING (connection_id)
    LEFT JOIN modem_outage AS f USING (connection_id)
    LEFT JOIN liveness AS e USING (connection_id)
    LEFT JOIN restarted AS r USING (connection_id)
    LEFT JOIN boot_after AS b USING (connection_id)
    LEFT JOIN reset_before AS x USING (connection_id)
    LEFT JOIN tried AS y USING (connection_id)
    LEFT JOIN device AS z USING (station)
    LEFT JOIN stranger AS g USING (station)
    WHERE c.close_ts IS NOT NULL
),
judged AS (
    SELECT *,
        -- A close frame that the CSMS knows nothing of came from something in between.
        CASE WHEN code = 1006 OR closed_between AND late_s > 3 THEN NULL
             WHEN csms_initiator = 'self' OR station_initiator = 'peer' THEN 'csms'
             WHEN csms_initiator = 'peer' OR station_initiator = 'self' THEN 'station' END AS initiator,
        code = 1000 OR reset_ordered AS orderly,
        -- An end that arrives is noticed soon, also where the link stalls for some seconds.
        coalesce(code <> 1000 AND (csms_initiator = 'self' AND station_initiator = 'self' OR late_s < -(8 + coalesce(answer_s, 0))
            AND (csms_initiator = 'self' OR ping_timeout AND NOT coalesce(station_ping_timeout, false))
            AND coalesce(station_code = 1006, true)), false) AS path_dead,
        coalesce(station_idle_s, csms_idle_s, silence_s) AS idle_s,
        coalesce(station_waited_s, csms_waited_s, 0) AS waited_s,
        abs(late_s) AS found_late_s,
        coalesce(late_s > 3, false) AS csms_found_late,
        csms_heard_s / nullif(ping_interval_s, 0) AS pings_missed
    FROM ended
),
counted AS (
    SELECT *,
        count(*) OVER s AS drops,
        count(*) FILTER (station_restarted OR booted_next) OVER (PARTITION BY station ORDER BY close_ts
            RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND INTERVAL 1 HOUR FOLLOWING) AS restarts_around,
        count(DISTINCT station) OVER (ORDER BY close_ts RANGE BETWEEN INTERVAL 5 SECOND PRECEDING
            AND INTERVAL 5 SECOND FOLLOWING) AS together
    FROM judged WINDOW s AS (PARTITION BY station)
)
SELECT row_number() OVER (ORDER BY c.close_ts, c.station, c.connection_id) AS lost_id, c.close_ts AS ts,
    coalesce(c.station_close_event, c.csms_close_event, c.proxy_close_event) AS event_id,
    order_of(c.close_ts, 4, row_number() OVER (ORDER BY c.close_ts, c.station, c.connection_id)) AS ord,
    c.next_open_ts IS NOT NULL AS next_known,
    c.* EXCLUDE (close_ts),
    greatest(coalesce(o.connected, 1), together) AS online
FROM counted AS c ASOF LEFT JOIN online AS o ON c.close_ts > o.ts;
