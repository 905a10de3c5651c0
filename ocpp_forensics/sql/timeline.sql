-- The timeline for people and their queries.
-- Grain: one row per event. Reads: event, source, part, detail, line_text, replayed.
-- ts: UTC by the reference clock; said_ts: when a message was made that waited at the station; source,
-- line, byte_offset: where it stands; text: null where the text was not kept.
CREATE VIEW timeline AS
SELECT e.ts, e.station::VARCHAR AS station, e.kind::VARCHAR AS kind, e.action::VARCHAR AS action,
    e.direction::VARCHAR AS direction, e.ocpp_type,
    coalesce(e.ocpp_action, d.ocpp_action) AS ocpp_action,
    d.* EXCLUDE (record_id, ocpp_action, vantage), e.ts_original, q.said_ts,
    p.path AS source, line_of(e.event_id, p.glued) AS line, e.byte_offset, e.byte_length, t.text,
    s.rank AS source_rank, e.event_id
FROM event AS e
JOIN part AS p ON p.part_id = e.event_id >> 40
JOIN source AS s ON s.source_id = e.source_id
LEFT JOIN detail AS d ON d.record_id = e.event_id
LEFT JOIN line_text AS t ON t.record_id = e.event_id
LEFT JOIN replayed AS q ON q.event_id = e.event_id;
