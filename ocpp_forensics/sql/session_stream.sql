-- The relations that signatures can name besides the session tables (dsl/streams.toml).
-- Reads: connection, boot, event, source. Each has the columns ts, ord, station, event_id.

CREATE VIEW opened AS
SELECT connection_id, open_ts AS ts, order_of(open_ts, 6, connection_id) AS ord, station,
    open_event AS event_id, client_address
FROM connection WHERE open_ts IS NOT NULL;

CREATE VIEW booted AS
SELECT ts, order_of(ts, 7, event_id) AS ord, station, event_id, reason, firmware, serial FROM boot;

-- Frames, pings and lines without meaning: too many to be kept among the telling events.
CREATE VIEW traffic AS
SELECT e.event_id, e.ts, order_of(e.ts, s.rank, e.event_id) AS ord, e.station, e.kind,
    e.action::VARCHAR AS action, e.ocpp_action, e.direction
FROM event AS e JOIN source AS s USING (source_id)
WHERE e.ts IS NOT NULL AND e.action IN (
    'ocpp.call', 'ocpp.result', 'ocpp.error', 'ws.ping', 'ws.pong', 'log.message');

-- Grain: one row per OCPP CALL at one vantage point, with its answer within ten minutes, if any.
CREATE VIEW call AS
WITH answer AS (
    SELECT station, source_id, message_key, ts, event_id, ocpp_type FROM event
    WHERE ocpp_type IN (3, 4) AND message_key IS NOT NULL AND ts IS NOT NULL
)
SELECT c.event_id, c.ts, c.station, c.kind, c.source_id, c.ocpp_action, c.direction,
    CASE WHEN a.ts - c.ts <= INTERVAL 10 MINUTE THEN a.event_id END AS answer_event,
    CASE WHEN a.ts - c.ts <= INTERVAL 10 MINUTE THEN a.ts END AS answer_ts,
    CASE WHEN a.ts - c.ts > INTERVAL 10 MINUTE OR a.ts IS NULL THEN 'unanswered'
         WHEN a.ocpp_type = 3 THEN 'result' ELSE 'error' END AS outcome,
    CASE WHEN a.ts - c.ts <= INTERVAL 10 MINUTE THEN epoch(a.ts) - epoch(c.ts) END AS latency_s
FROM (SELECT * FROM event WHERE ocpp_type = 2 AND ts IS NOT NULL AND station IS NOT NULL) AS c
ASOF LEFT JOIN answer AS a
    ON a.station = c.station AND a.source_id = c.source_id AND a.message_key = c.message_key AND c.ts <= a.ts;

-- Grain: one row per open connection, up to its end or that of the logs.
CREATE VIEW connected AS
SELECT station, open_ts AS from_ts,
    coalesce(close_ts, (SELECT max(ts) FROM event)) AS to_ts
FROM connection WHERE open_ts IS NOT NULL;
