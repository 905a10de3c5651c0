-- Legs: one vantage point's view of one connection, from its open to its close.
-- Grain: one row per leg. Reads: key_event. Units: seconds.
-- Lines that repeat an open (3 s) or a close (30 s) are one signal. Where a log has no connection
-- ids, a close that follows a newer open belongs to the older connection if that one is still
-- open and the close comes within five minutes: the CSMS found out late that it was dead.
-- A station has one connection: where its log tells of no end, the first sign of trouble or of a new
-- attempt before the next open is the end. A station that counts silence counts its own; one that tells of
-- an eviction tells of its own end. A CSMS that
-- never tells of an end had lost the connection when the station opened the next one.

CREATE OR REPLACE MACRO scratch.trouble_signs() AS
    ['tcp.connect', 'ws.retry', 'tcp.reset', 'tcp.timeout', 'tcp.unreachable', 'station.boot', 'station.reset'];

CREATE OR REPLACE TABLE scratch.signal AS
WITH raw AS (
    SELECT event_id, ts, ord, source_id, kind, station, session_key, action,
        action IN ('ws.open', 'csms.online') AS opens, ws_code, ws_reason,
        CASE WHEN kind = 'station' AND action = 'csms.heartbeat_timeout' THEN 'self'
             WHEN kind = 'station' AND action = 'csms.duplicate' THEN coalesce(initiator, 'peer') ELSE initiator END AS initiator,
        detail, client_address, client_port
    FROM key_event
    WHERE station IS NOT NULL AND (kind IN ('csms', 'station') AND action IN (
            'ws.open', 'ws.close', 'csms.online', 'csms.offline', 'csms.heartbeat_timeout', 'ws.ping_timeout')
        OR kind = 'station' AND (list_contains(trouble_signs(), action) OR action = 'csms.duplicate' AND outcome = 'evicted'))
),
runs AS (
    SELECT *, list_contains(trouble_signs(), action) AS hint,
        CASE WHEN list_contains(trouble_signs(), action) THEN NULL ELSE opens END AS plain
    FROM raw
),
ended AS (
    SELECT * EXCLUDE (hint, plain, was, becomes) FROM (
        SELECT *, last_value(plain IGNORE NULLS) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS was,
            first_value(plain IGNORE NULLS) OVER (w ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS becomes
        FROM runs WINDOW w AS (PARTITION BY source_id, station, session_key ORDER BY ord)
    )
    WHERE NOT hint OR (was AND becomes)
),
-- A missed pong ends a connection where its close or a new connection follows.
telling AS (
    SELECT * EXCLUDE (after_opens, after_ts) FROM (
        SELECT *, lead(opens) OVER w AS after_opens, lead(ts) OVER w AS after_ts
        FROM ended WINDOW w AS (PARTITION BY source_id, station, session_key ORDER BY ord)
    )
    WHERE action <> 'ws.ping_timeout' OR after_opens OR after_ts - ts <= INTERVAL 30 SECOND
),
placed AS (
    SELECT *, lag(opens) OVER w AS before_opens, lag(ts) OVER w AS before_ts
    FROM telling WINDOW w AS (PARTITION BY source_id, station, session_key ORDER BY ord)
),
grouped AS (
    SELECT *, sum(CASE WHEN before_opens = opens
            AND ts - before_ts <= CASE WHEN opens THEN INTERVAL 3 SECOND ELSE INTERVAL 30 SECOND END
        THEN 0 ELSE 1 END) OVER (PARTITION BY source_id, station, session_key ORDER BY ord) AS number
    FROM placed
)
SELECT source_id, kind, station, session_key, opens, number, min(ts) AS ts, min(ord) AS ord,
    arg_min(event_id, ord) AS event_id, arg_min(action, ord) AS told_by,
    coalesce(arg_min(ws_code, ord) FILTER (ws_code NOT IN (1005, 1006, 1015)),
        arg_min(ws_code, ord) FILTER (ws_code IS NOT NULL)) AS ws_code,
    arg_min(ws_reason, ord) FILTER (ws_reason <> '') AS ws_reason,
    arg_min(initiator, ord) FILTER (initiator IS NOT NULL) AS initiator,
    coalesce(bool_or(action = 'ws.ping_timeout' OR detail = 'ping-timeout' OR ws_reason ILIKE '%ping timeout%'
        OR ws_reason ILIKE '%pong%'), false) AS ping_timeout,
    coalesce(bool_or(detail = 'read-deadline'), false) AS read_deadline,
    arg_min(client_address, ord) FILTER (client_address IS NOT NULL) AS client_address,
    arg_min(client_port, ord) FILTER (client_port IS NOT NULL) AS client_port
FROM grouped
GROUP BY ALL;

-- The address that a proxy forwarded with the request, for the open that followed it.
CREATE OR REPLACE TABLE scratch.forwarded AS
SELECT o.event_id, r.client_address
FROM (SELECT * FROM signal WHERE opens AND kind = 'csms') AS o
ASOF JOIN (
    SELECT source_id, station, ts, client_address FROM key_event
    WHERE action = 'ws.upgrade' AND client_address IS NOT NULL AND station IS NOT NULL AND kind = 'csms'
) AS r ON r.source_id = o.source_id AND r.station = o.station AND o.ts >= r.ts
WHERE o.ts - r.ts <= INTERVAL 3 SECOND;

CREATE OR REPLACE TABLE scratch.leg AS
WITH numbered AS (
    SELECT *, sum(opens::INTEGER) OVER w AS open_no
    FROM signal WINDOW w AS (PARTITION BY source_id, station, session_key ORDER BY ord)
),
closes AS (
    SELECT *, row_number() OVER (
        PARTITION BY source_id, station, session_key, open_no ORDER BY ord) AS close_no
    FROM numbered WHERE NOT opens
),
opened AS (
    SELECT o.*, count(c.ord) AS closings, min(c.ts) AS first_close_ts
    FROM numbered AS o LEFT JOIN closes AS c
        ON c.source_id = o.source_id AND c.station = o.station AND c.open_no = o.open_no
        AND c.session_key IS NOT DISTINCT FROM o.session_key
    WHERE o.opens
    GROUP BY ALL
),
timed AS (
    SELECT *, coalesce(first_close_ts - ts <= INTERVAL 5 MINUTE, false) AS soon FROM opened
),
decided AS (
    SELECT *, CASE WHEN closings = 0 THEN 1 WHEN NOT soon OR closings > 1 THEN 0 END AS decisive
    FROM timed
),
pending AS (
    SELECT *, coalesce(last_value(decisive IGNORE NULLS) OVER w, 0) AS left_open
    FROM decided
    WINDOW w AS (PARTITION BY source_id, station, session_key ORDER BY open_no
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
judged AS (
    SELECT *, coalesce(lag(left_open) OVER w, 0) AS before_left_open,
        lead(ts) OVER w AS next_open_ts, lead(soon) OVER w AS next_soon,
        lead(open_no) OVER w AS next_open_no
    FROM pending WINDOW w AS (PARTITION BY source_id, station, session_key ORDER BY open_no)
),
targeted AS (
    SELECT *,
        CASE WHEN left_open = 1 AND next_soon THEN next_open_no ELSE open_no END AS close_open_no,
        CASE WHEN left_open = 1 THEN 1 WHEN before_left_open = 1 AND soon THEN 2 ELSE 1 END AS close_no
    FROM judged
)
SELECT row_number() OVER (ORDER BY t.ord) AS leg_id, t.source_id, t.kind, t.station,
    t.session_key IS NOT NULL AS keyed, t.ts AS open_ts, t.event_id AS open_event,
    coalesce(f.client_address, t.client_address) AS client_address, t.client_port, c.ts AS close_ts, c.event_id AS close_event, c.ws_code,
    c.ws_reason, c.initiator, coalesce(c.ping_timeout, false) AS ping_timeout,
    coalesce(c.read_deadline, false) AS read_deadline, NULL::VARCHAR AS termination, false AS from_restart,
    c.told_by
FROM targeted AS t
LEFT JOIN forwarded AS f ON f.event_id = t.event_id
LEFT JOIN closes AS c ON c.source_id = t.source_id AND c.station = t.station
    AND c.session_key IS NOT DISTINCT FROM t.session_key
    AND c.open_no = t.close_open_no AND c.close_no = t.close_no
    AND NOT (t.left_open = 1 AND t.close_open_no = t.open_no)
UNION ALL
-- A close before any open: the log begins while the connection stands.
SELECT -row_number() OVER (ORDER BY c.ord), c.source_id, c.kind, c.station,
    c.session_key IS NOT NULL, NULL, NULL, c.client_address, c.client_port, c.ts, c.event_id,
    c.ws_code, c.ws_reason, c.initiator, c.ping_timeout, c.read_deadline, NULL, false,
    c.told_by
FROM closes AS c
WHERE c.open_no = 0 AND c.close_no = 1 AND c.session_key IS NULL AND NOT EXISTS (
    SELECT 1 FROM key_event AS k
    WHERE k.source_id = c.source_id AND k.station = c.station AND k.ord < c.ord
        AND k.action IN ('tcp.connect', 'ws.upgrade', 'http.response', 'tls.error', 'tcp.refused', 'tcp.timeout',
            'tcp.unreachable', 'dns.failure', 'ws.error', 'ws.retry', 'station.boot', 'csms.rejected', 'csms.rate_limited')
)
UNION ALL
-- A proxy writes one line per tunnel, when it ends.
SELECT 1000000000 + row_number() OVER (ORDER BY ord), source_id, kind, station, false,
    ts - to_microseconds((duration_s * 1e6)::BIGINT), event_id, client_address, client_port, ts,
    event_id, NULL, NULL, NULL, false, false, termination, false, NULL
FROM key_event
WHERE kind = 'proxy' AND station IS NOT NULL AND action = 'http.response' AND http_status = 101;

-- A CSMS that starts again has lost every connection it did not close.
UPDATE leg SET close_ts = restarted.ts, close_event = restarted.event_id, from_restart = true
FROM (
    SELECT l.leg_id, min(k.ts) AS ts, arg_min(k.event_id, k.ord) AS event_id
    FROM leg AS l JOIN key_event AS k
        ON k.source_id = l.source_id AND k.action = 'csms.start' AND k.ts > l.open_ts + INTERVAL 1 SECOND
    WHERE l.kind = 'csms' AND l.close_ts IS NULL
    GROUP BY ALL
) AS restarted
WHERE leg.leg_id = restarted.leg_id;

UPDATE leg SET close_ts = later.ts, close_event = later.event_id, told_by = 'ws.open'
FROM (
    SELECT leg_id, lead(open_ts) OVER w AS ts, lead(open_event) OVER w AS event_id
    FROM leg WHERE kind = 'csms' AND open_ts IS NOT NULL
    WINDOW w AS (PARTITION BY source_id, station ORDER BY open_ts, leg_id)
) AS later
WHERE leg.leg_id = later.leg_id AND leg.close_ts IS NULL AND later.ts > leg.open_ts + INTERVAL 5 SECOND;
