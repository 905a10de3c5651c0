-- Which vantage point the content of each source speaks for.
-- Grain: one row per source and kind. Reads: record, detail, part, ocpp_action (name, from_station).
-- A frame that a station must have sent is "sent" in the station's log and "received" in the
-- CSMS's; some phrases and loggers belong to one side only; modem events to modems.

CREATE OR REPLACE TEMP TABLE source_vote AS
WITH frame_vote AS (
    SELECT record_id >> 40 AS part_id,
        CASE WHEN (o.from_station AND mark = 1) OR (NOT o.from_station AND mark = 2)
             THEN 'station' ELSE 'csms' END AS kind, count(*) * 4 AS votes
    FROM record JOIN ocpp_action AS o ON ocpp_action = o.name
    WHERE ocpp_type = 2 AND mark IS NOT NULL
    GROUP BY ALL
),
phrase_vote AS (
    SELECT record_id >> 40 AS part_id, vantage AS kind, count(*) AS votes
    FROM detail WHERE vantage IS NOT NULL GROUP BY ALL
),
event_vote AS (
    SELECT record_id >> 40 AS part_id,
        CASE split_part(action::VARCHAR, '.', 1) WHEN 'modem' THEN 'modem'
             WHEN 'proxy' THEN 'proxy' ELSE 'station' END AS kind,
        count(*) * 2 AS votes
    FROM record
    WHERE action::VARCHAR LIKE 'modem.%' OR action::VARCHAR LIKE 'proxy.%'
        OR action IN ('station.boot', 'tcp.connect', 'ws.retry')
    GROUP BY ALL
)
SELECT source_id, kind, sum(votes)::BIGINT AS votes
FROM (
    SELECT * FROM frame_vote UNION ALL SELECT * FROM phrase_vote UNION ALL SELECT * FROM event_vote
) JOIN part USING (part_id)
GROUP BY ALL;
