-- The telling events: everything but frames, pings and messages without meaning, with their fields.
-- Grain: one row per event. Reads: event, detail, source. `ord` is a total order of all events.

CREATE OR REPLACE MACRO order_of(ts, rank, event_id) AS
    epoch_us(ts)::HUGEINT * 18446744073709551616 + (rank::HUGEINT << 60) + event_id::HUGEINT;

CREATE TABLE key_event AS
SELECT e.event_id, e.ts, e.source_id, s.rank, order_of(e.ts, s.rank, e.event_id) AS ord, e.kind,
    e.station, e.action::VARCHAR AS action, e.session_key, e.direction,
    d.* EXCLUDE (record_id, vantage, ocpp_action)
FROM event AS e JOIN source AS s USING (source_id)
LEFT JOIN detail AS d ON d.record_id = e.event_id
WHERE e.ts IS NOT NULL AND e.action NOT IN (
    'ocpp.call', 'ocpp.result', 'ocpp.error', 'ws.ping', 'ws.pong', 'log.message'
);

-- Frames whose payload matters, as JSON text.
-- Grain: one row per frame kept in `payload`. `body` is the payload object of the frame.
CREATE TABLE spoken AS
SELECT e.event_id, e.ts, e.source_id, e.kind, e.station, e.direction, e.ocpp_type, e.ocpp_action,
    e.message_key,
    CASE WHEN json_valid(p.frame) THEN p.frame
         WHEN json_valid(regexp_extract(p.frame, '(?s)^(.*\])[^\]]*$', 1))
         THEN regexp_extract(p.frame, '(?s)^(.*\])[^\]]*$', 1)
         WHEN json_valid(regexp_extract(p.frame, '(?s)^(.*?\}\s*\])', 1))
         THEN regexp_extract(p.frame, '(?s)^(.*?\}\s*\])', 1) END AS frame
FROM payload AS p JOIN event AS e ON e.event_id = p.record_id
WHERE e.ts IS NOT NULL AND e.station IS NOT NULL;
