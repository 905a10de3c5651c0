-- Messages that waited at the station: made while it was offline, sent after it came back.
-- Grain: one row per such message at one vantage point. Reads: spoken, event, connection. Units: seconds, UTC.
-- ts: when it was sent; said_ts: when it was made, by the reference's clock; late_s: the time between.
-- The station's own clock may be off by what is usual for the same connection, or else for the station.

CREATE OR REPLACE VIEW scratch.stamped AS
SELECT *, epoch(ts) - epoch(made_ts) AS behind_s
FROM (
    SELECT event_id, station, kind, ocpp_action, ts,
        utc_stamp(coalesce(frame->>'$[3].timestamp', frame->>'$[3].generatedAt')) AS made_ts
    FROM spoken
    WHERE ocpp_type = 2 AND direction = 'to_csms' AND frame IS NOT NULL AND ocpp_action IN (
        'StatusNotification', 'StartTransaction', 'StopTransaction', 'TransactionEvent',
        'SecurityEventNotification', 'NotifyEvent')
    UNION ALL
    SELECT event_id, station, kind, ocpp_action, ts, reported_ts
    FROM event
    WHERE ocpp_type = 2 AND reported_ts IS NOT NULL AND ts IS NOT NULL AND station IS NOT NULL
)
WHERE behind_s IS NOT NULL;

CREATE TABLE replayed AS
-- Where all messages of a station are about as far behind, none has waited.
WITH told AS (
    SELECT s.*, c.open_ts
    FROM (
        SELECT * FROM stamped
        WHERE station IN (SELECT station FROM stamped GROUP BY ALL HAVING max(behind_s) - min(behind_s) >= 15)
    ) AS s ASOF LEFT JOIN (SELECT station, open_ts FROM connection WHERE open_ts IS NOT NULL) AS c
        ON s.station = c.station AND s.ts >= c.open_ts
),
usual AS (
    SELECT *, CASE WHEN count(*) OVER w >= 3 THEN min(behind_s) OVER w
        ELSE quantile_cont(behind_s, 0.2) OVER (PARTITION BY station) END AS usual_s
    FROM told WINDOW w AS (PARTITION BY station, open_ts)
),
late AS (
    SELECT event_id, station, kind, ocpp_action, ts, open_ts, behind_s - usual_s AS late_s,
        ts - to_microseconds((late_s * 1e6)::BIGINT) AS said_ts
    FROM usual WHERE open_ts IS NOT NULL
)
-- A clock that lost its date makes no message older than a month.
SELECT * FROM late WHERE late_s BETWEEN 15 AND 31 * 86400 AND said_ts < open_ts - INTERVAL 2 SECOND;
