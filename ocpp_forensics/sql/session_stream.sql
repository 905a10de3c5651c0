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

-- Grain: one row per open connection, up to its end or that of the logs.
CREATE VIEW connected AS
SELECT station, open_ts AS from_ts,
    coalesce(close_ts, (SELECT max(ts) FROM event)) AS to_ts
FROM connection WHERE open_ts IS NOT NULL;
