-- The telling events: everything but frames, pings and messages without meaning, with their fields.
-- Grain: one row per event. Reads: event, detail, source. `ord` is a total order of all events.

CREATE OR REPLACE MACRO order_of(ts, rank, event_id) AS
    epoch_us(ts)::HUGEINT * 18446744073709551616 + (rank::HUGEINT << 60) + event_id::HUGEINT;

-- Who refuses a certificate refuses the other side's: what CSMS or proxy do not accept, and what an alert
-- to the station is about, is the certificate of the station. What a proxy finds at its backend is neither.
CREATE OR REPLACE MACRO refused_certificate(kind, tls_by, tls_error, upstream) AS
    CASE WHEN kind IN ('csms', 'proxy') AND tls_by = 'self' AND upstream IS NULL AND tls_error IN (
            'expired', 'not-yet-valid', 'hostname', 'issuer-unknown', 'leaf-only', 'self-signed', 'revoked', 'unspecified')
        OR kind = 'station' AND tls_by = 'peer' AND tls_error IN (
            'expired', 'issuer-unknown', 'revoked', 'alert-bad-certificate', 'alert-certificate-unknown')
    THEN 'client-certificate' ELSE tls_error END;

CREATE TABLE key_event AS
SELECT e.event_id, e.ts, e.source_id, s.rank, order_of(e.ts, s.rank, e.event_id) AS ord, e.kind,
    e.station, e.action::VARCHAR AS action, e.session_key, e.direction,
    d.* EXCLUDE (record_id, vantage, ocpp_action, tls_error),
    refused_certificate(e.kind, d.tls_by, d.tls_error, d.upstream) AS tls_error
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
