-- Status of connectors over time, and the stretches in which nobody could charge.
-- Reads: spoken, event, connection, coverage, hole, replayed. Units: seconds, UTC.

-- Grain: one row per instant at which a connector (0: the station itself) reported a status; of
-- several reports at one instant the last line counts. connector: 1000 * EVSE + connector.
-- A report that waited at the station counts unless a newer one had come before it.
CREATE TABLE status AS
WITH reported AS (
    SELECT station, connector, ts, max(event_id) AS event_id, arg_max(status, event_id) AS status,
        arg_max(error_code, event_id) AS error_code, arg_max(vendor_error, event_id) AS vendor_error,
        arg_max(info, event_id) AS info, arg_max(kind, event_id) AS kind
    FROM (
        SELECT station, coalesce(try_cast(frame->>'$[3].connectorId' AS INTEGER), 0)
                + 1000 * coalesce(try_cast(frame->>'$[3].evseId' AS INTEGER), 0) AS connector,
            ts, event_id, message_key, coalesce(frame->>'$[3].status', frame->>'$[3].connectorStatus') AS status,
            frame->>'$[3].errorCode' AS error_code, frame->>'$[3].vendorErrorCode' AS vendor_error,
            frame->>'$[3].info' AS info, kind
        FROM spoken WHERE ocpp_type = 2 AND ocpp_action = 'StatusNotification' AND frame IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY station, message_key, date_trunc('minute', ts)
            ORDER BY CASE kind WHEN 'csms' THEN 0 ELSE 1 END, ts) = 1
    )
    WHERE status IS NOT NULL
    GROUP BY ALL
)
SELECT r.* FROM reported AS r LEFT JOIN replayed AS q USING (event_id)
QUALIFY q.said_ts IS NULL OR coalesce(q.said_ts > max(coalesce(q.said_ts, r.ts)) OVER (
    PARTITION BY r.station, r.connector ORDER BY r.ts, r.event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true);

-- Grain: one row per stretch of one connector in one class of status.
CREATE TABLE status_span AS
WITH classed AS (
    SELECT *, status IN ('Faulted', 'Unavailable') AS bad FROM status
),
changed AS (
    SELECT *, bad IS DISTINCT FROM lag(bad) OVER w AS begins FROM classed
    WINDOW w AS (PARTITION BY station, connector ORDER BY ts, event_id)
),
numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY station, connector ORDER BY ts, event_id) AS number
    FROM changed
),
spanned AS (
    SELECT station, connector, number, bad, min(ts) AS from_ts, max(ts) AS last_ts,
        arg_min(event_id, ts) AS event_id, arg_min(status, ts) AS status,
        coalesce(arg_max(error_code, ts) FILTER (error_code <> 'NoError'), arg_max(error_code, ts)) AS error_code,
        max(vendor_error) AS vendor_error, max(info) AS info
    FROM numbered GROUP BY ALL
)
SELECT *, lead(from_ts) OVER (PARTITION BY station, connector ORDER BY number) AS to_ts FROM spanned;

-- Grain: one row per bad stretch of an hour or more: a stuck station.
CREATE TABLE stuck AS
WITH own AS (
    SELECT station, max(ts) AS end_ts, max(ts) FILTER (kind = 'csms') AS told_ts,
        max(ts) FILTER (kind = 'station') AS own_ts,
        arg_max(source_id, ts) FILTER (kind = 'csms') AS source_id
    FROM event WHERE kind IN ('csms', 'station') GROUP BY ALL
),
closed AS (SELECT station, max(close_ts) AS close_ts FROM connection WHERE next_open_ts IS NULL GROUP BY ALL),
-- A station that is connected and says nothing more is as it was, as far as the CSMS's log reaches.
log_end AS (
    -- Where its messages are missing from then on, it is known up to there.
    SELECT o.station, CASE WHEN h.from_ts IS NULL THEN greatest(o.end_ts, v.to_ts)
        ELSE greatest(h.from_ts, o.own_ts) END AS end_ts
    FROM own AS o LEFT JOIN closed AS c USING (station)
    LEFT JOIN hole AS h ON h.source_id = o.source_id AND h.lasting
    LEFT JOIN coverage AS v ON v.source_id = o.source_id AND v.kind = 'csms'
        AND o.told_ts BETWEEN v.from_ts AND v.to_ts
        AND coalesce(c.close_ts < o.told_ts - INTERVAL 1 MINUTE, true)
),
availability AS (
    SELECT c.station, c.ts, coalesce(try_cast(c.frame->>'$[3].connectorId' AS INTEGER),
            try_cast(c.frame->>'$[3].evse.id' AS INTEGER), 0) AS connector,
        coalesce(c.frame->>'$[3].type', c.frame->>'$[3].operationalStatus') AS wanted
    FROM spoken AS c WHERE c.ocpp_type = 2 AND c.ocpp_action = 'ChangeAvailability'
),
last_wish AS (
    SELECT s.station, s.connector, s.number, arg_max(a.wanted, a.ts) AS wanted
    FROM status_span AS s JOIN availability AS a ON a.station = s.station
        AND (a.connector = 0 OR a.connector = s.connector % 1000) AND a.ts <= s.from_ts + INTERVAL 5 MINUTE
    GROUP BY ALL
)
SELECT row_number() OVER (ORDER BY s.from_ts, s.station, s.connector) AS stuck_id, s.station, s.from_ts AS ts,
    order_of(s.from_ts, 5, s.event_id) AS ord, s.event_id, s.connector, s.status, s.error_code,
    s.vendor_error, s.info, coalesce(s.to_ts, e.end_ts) AS until_ts, s.to_ts IS NULL AS unresolved,
    epoch(coalesce(s.to_ts, e.end_ts)) - epoch(s.from_ts) AS stuck_s,
    coalesce(w.wanted = 'Inoperative', false) AS inoperative,
    (SELECT max(connector % 1000) FROM status AS x WHERE x.station = s.station) AS connectors
FROM status_span AS s JOIN log_end AS e USING (station)
LEFT JOIN last_wish AS w USING (station, connector, number)
WHERE s.bad AND epoch(coalesce(s.to_ts, e.end_ts)) - epoch(s.from_ts) >= 3600;
