-- Lines without a time get that of a message, or of the line before them. Reads: event. Changes: event.

-- Messages of logs that write no time at all, at the time at which another log has them.
-- Grain: one row per such message. Ids may begin anew: only those that occur once in either log count, and
-- none that stands out of the order of those around it.
CREATE OR REPLACE TEMP TABLE dated_elsewhere AS
WITH timeless AS (
    SELECT event_id >> 40 AS part_id FROM event GROUP BY ALL HAVING count(ts) = 0 AND count(message_key) > 0
),
own AS (
    SELECT event_id, event_id >> 40 AS part_id, source_id, station, message_key, ocpp_type FROM event
    WHERE event_id >> 40 IN (SELECT part_id FROM timeless) AND message_key IS NOT NULL
    QUALIFY count(*) OVER (PARTITION BY event_id >> 40, message_key, ocpp_type) = 1
),
elsewhere AS (
    SELECT source_id, station, message_key, ocpp_type, any_value(ts) AS ts FROM event
    WHERE ts IS NOT NULL AND message_key IN (SELECT message_key FROM own)
    GROUP BY ALL HAVING count(*) = 1
),
met AS (
    SELECT o.event_id, o.part_id, o.source_id, min(e.ts) AS ts
    FROM own AS o JOIN elsewhere AS e USING (message_key, ocpp_type)
    WHERE o.source_id <> e.source_id AND coalesce(o.station = e.station, true)
    GROUP BY ALL
),
ordered AS (
    SELECT * FROM met WINDOW part AS (PARTITION BY part_id ORDER BY event_id)
    QUALIFY count(*) OVER (PARTITION BY part_id) >= 3
        AND coalesce(ts >= quantile_disc(ts, 0.5) OVER (part ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING), true)
        AND coalesce(ts <= quantile_disc(ts, 0.5) OVER (part ROWS BETWEEN 1 FOLLOWING AND 5 FOLLOWING), true)
)
SELECT event_id, source_id, max(ts) OVER (PARTITION BY part_id ORDER BY event_id) AS ts FROM ordered;

UPDATE event SET ts = dated_elsewhere.ts FROM dated_elsewhere WHERE event.event_id = dated_elsewhere.event_id;

-- A line without a time, in a log that writes it elsewhere, stands at the time of the one before it.
UPDATE event SET ts = timed.ts
FROM (
    WITH dateless AS (SELECT event_id, event_id >> 40 AS part_id FROM event WHERE ts IS NULL),
    dated AS (
        SELECT event_id, event_id >> 40 AS part_id, ts FROM event
        WHERE ts IS NOT NULL AND event_id >> 40 IN (SELECT part_id FROM dateless)
    ),
    begun AS (SELECT part_id, min_by(ts, event_id) AS ts FROM dated GROUP BY ALL)
    SELECT l.event_id, coalesce(d.ts, b.ts) AS ts
    FROM dateless AS l JOIN begun AS b USING (part_id)
    ASOF LEFT JOIN dated AS d ON d.part_id = l.part_id AND l.event_id >= d.event_id
) AS timed
WHERE event.event_id = timed.event_id;
