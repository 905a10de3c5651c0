-- Which vantage point the content of each source speaks for.
-- Grain: one row per source and kind. Reads: tally, record, detail, part, ocpp_action (name, from_station).
-- Every sign counts up to a limit, so that what is frequent does not silence what is telling:
-- a frame that a station must have sent is "sent" in the station's log and "received" in the
-- CSMS's; several stations speak in the CSMS's log only, and a station's own log need not name it; a CSMS
-- listens, a station dials.

CREATE OR REPLACE TEMP TABLE sign AS
WITH named AS (
    SELECT part_id, station
    FROM tally WHERE station IS NOT NULL AND NOT regexp_full_match(station, '\d{1,3}') AND (ocpp_type IS NOT NULL OR action IN ('ws.open', 'ws.close'))
    GROUP BY ALL HAVING sum(times) >= 3
)
SELECT part_id,
    CASE WHEN o.from_station = (mark IN (1, 3)) THEN 'station' ELSE 'csms' END AS kind,
    CASE WHEN mark <= 2 THEN 4 ELSE 1 END AS weight, 10 AS most, sum(t.times) AS times
FROM tally AS t JOIN ocpp_action AS o ON ocpp_action = o.name
WHERE ocpp_type = 2 AND mark IS NOT NULL
GROUP BY ALL
UNION ALL
SELECT record_id >> 40, vantage, 2, 15, count(*) FROM detail WHERE vantage IS NOT NULL GROUP BY ALL
UNION ALL
SELECT part_id, 'csms', 30, 3, count(*) - 1 FROM named GROUP BY part_id HAVING count(*) > 1
UNION ALL
SELECT part_id, CASE WHEN station IS NULL AND NOT hinted THEN 'station' ELSE 'csms' END, 1, 6, sum(times)
FROM tally WHERE ocpp_type IS NOT NULL GROUP BY ALL
UNION ALL
SELECT record_id >> 40, 'csms', 4, 5, count(*)
FROM record JOIN detail USING (record_id)
WHERE ocpp_type IS NULL AND (record.action = 'ws.open' OR record.action = 'http.response' AND path IS NOT NULL) AND client_address IS NOT NULL
    AND vantage IS NULL
GROUP BY ALL
UNION ALL
SELECT record_id >> 40, 'station', 6, 5, count(*)
FROM detail WHERE url IS NOT NULL GROUP BY ALL
UNION ALL
SELECT part_id,
    CASE split_part(action::VARCHAR, '.', 1) WHEN 'modem' THEN 'modem' WHEN 'proxy' THEN 'proxy'
        WHEN 'csms' THEN 'csms' ELSE 'station' END,
    3, 10, sum(times)
FROM tally
WHERE ocpp_type IS NULL AND (action::VARCHAR LIKE 'modem.%' OR action::VARCHAR LIKE 'proxy.%'
    OR action IN ('station.boot', 'ws.retry', 'tcp.connect', 'tcp.refused', 'tcp.unreachable', 'dns.failure', 'csms.start', 'csms.offline', 'csms.online', 'csms.heartbeat_timeout'))
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE source_vote AS
SELECT source_id, kind, sum(weight * least(times, most))::BIGINT AS votes
FROM sign JOIN part USING (part_id)
GROUP BY ALL;
