-- Records with a frame into `framed`, the others into `worded`; then `reading` is empty again.
-- Reads: reading, before_frame (prefix, station, session, mark, tokens), attribute, frame_mark (macro).

INSERT INTO framed
SELECT r.record_id, r.byte_offset, r.byte_length, r.line_count, r.ts, r.zone_s,
    CASE r.ocpp_type WHEN 3 THEN 'ocpp.result'::action_name WHEN 4 THEN 'ocpp.error'::action_name
        WHEN 5 THEN 'ocpp.error'::action_name ELSE 'ocpp.call'::action_name END,
    coalesce(r.station, nullif(a.station, '-'), b.station),
    coalesce(frame_mark(coalesce(r.direction_mark, a.direction_mark)), b.mark),
    r.ocpp_type, r.ocpp_action, r.message_key, r.truncated,
    coalesce(r.session_key, key_of(a.session_key), key_of(b.session)), r.reported_ts
FROM reading AS r
LEFT JOIN before_frame AS b ON r.prefix = b.prefix
LEFT JOIN attribute AS a ON r.record_id = a.record_id
WHERE r.ocpp_type IS NOT NULL;

INSERT INTO frame_token
SELECT r.record_id, unnest(b.tokens)
FROM reading AS r JOIN before_frame AS b ON r.prefix = b.prefix
LEFT JOIN attribute AS a ON r.record_id = a.record_id
WHERE r.ocpp_type IS NOT NULL AND r.station IS NULL AND a.station IS NULL AND b.station IS NULL;

INSERT INTO worded BY NAME
SELECT * EXCLUDE (fits, ocpp_type, message_key, ocpp_action, truncated, reported_ts, prefix, frame,
    text, structured, attrs)
FROM reading WHERE template IS NOT NULL;

INSERT INTO payload SELECT record_id, frame FROM reading WHERE frame IS NOT NULL;

INSERT INTO line_text SELECT record_id, text FROM reading WHERE getvariable('keep_text');

INSERT INTO host_name SELECT DISTINCT record_id >> 40, host FROM reading WHERE host IS NOT NULL;

-- A new table: deleted rows would keep their memory.
CREATE OR REPLACE TEMP TABLE reading AS FROM reading LIMIT 0;
