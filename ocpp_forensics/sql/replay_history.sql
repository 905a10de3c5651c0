-- The history as a self-heal rule sees it, the same for every policy.
-- Reads: status, spoken, connection, boot, event, replay_class (class, statuses, flip_restarts: what counts as bad).
-- Units: UTC. An instant counts from the moment at which the CSMS logged it.

-- Grain: one row; instants up to end_ts can be judged. Logs of the CSMS reach as far as it knew.
CREATE OR REPLACE TEMP TABLE replay_span AS
SELECT coalesce(min(ts) FILTER (kind = 'csms'), min(ts)) AS start_ts,
    coalesce(max(ts) FILTER (kind = 'csms'), max(ts)) AS end_ts
FROM event;

-- What the CSMS ordered, with the answer (within ten minutes).
-- Grain: one row per Reset or ChangeAvailability, for every log that tells of it.
CREATE OR REPLACE TEMP TABLE replay_order AS
SELECT o.*, a.ts AS answer_ts, a.event_id AS answer_event, a.frame->>'$[2].status' AS answer
FROM (
    SELECT station, kind, source_id, message_key, ts, event_id, ocpp_action AS action, frame, ts + INTERVAL 10 MINUTE AS late_ts
    FROM spoken WHERE ocpp_type = 2 AND ocpp_action IN ('Reset', 'ChangeAvailability') AND frame IS NOT NULL
) AS o ASOF LEFT JOIN (SELECT * FROM spoken WHERE ocpp_type = 3) AS a
    ON a.station = o.station AND a.source_id = o.source_id AND a.message_key = o.message_key AND o.ts <= a.ts;
UPDATE replay_order SET answer = NULL, answer_event = NULL WHERE answer_ts > late_ts;

-- Grain: one row per ordered availability that was not refused. connector: 1000 * EVSE + connector, 0
-- for the whole station; noted: OCPP 2.x, where no status of the whole station is reported.
CREATE OR REPLACE TEMP TABLE replay_availability AS
SELECT station, kind, ts, event_id, answer, answer_ts, answer_event,
    coalesce(try_cast(frame->>'$[3].connectorId' AS INTEGER), 0)
        + 1000 * coalesce(try_cast(frame->>'$[3].evse.id' AS INTEGER), 0)
        + coalesce(try_cast(frame->>'$[3].evse.connectorId' AS INTEGER), 0) AS connector,
    coalesce(frame->>'$[3].type', frame->>'$[3].operationalStatus') AS wanted,
    frame->>'$[3].operationalStatus' IS NOT NULL AS noted
FROM replay_order WHERE action = 'ChangeAvailability' AND answer IS DISTINCT FROM 'Rejected';

-- Grain: one row per item of a NotifyEvent (OCPP 2.x), with its words.
CREATE OR REPLACE TEMP TABLE replay_item AS
SELECT station, kind, ts, event_id, 1000 * coalesce(try_cast(item->>'$.component.evse.id' AS INTEGER), 0)
        + coalesce(try_cast(item->>'$.component.evse.connectorId' AS INTEGER), 0) AS connector,
    item->>'$.variable.name' AS variable, item->>'$.actualValue' AS value,
    coalesce(try_cast(item->>'$.cleared' AS BOOLEAN), false) AS cleared,
    concat_ws(' ', item->>'$.component.name', item->>'$.variable.name', item->>'$.techCode', item->>'$.techInfo') AS words
FROM (
    SELECT station, kind, ts, event_id, unnest(from_json(frame->'$[3].eventData', '["JSON"]')) AS item
    FROM spoken WHERE ocpp_type = 2 AND ocpp_action = 'NotifyEvent' AND frame IS NOT NULL
);

-- What OCPP 2.x tells of availability besides StatusNotification: orders accepted, changes noted.
-- Grain: one row per order or item.
CREATE OR REPLACE TEMP TABLE replay_noted AS
SELECT station, kind, connector, answer_ts AS ts, answer_event AS event_id,
    CASE wanted WHEN 'Inoperative' THEN 'Unavailable' ELSE 'Available' END AS status
FROM replay_availability WHERE noted AND answer = 'Accepted' AND connector = 0
UNION ALL
SELECT station, kind, connector, ts, event_id, value FROM replay_item WHERE variable = 'AvailabilityState';

-- Grain: one row per station that reports. number: its name in short; heard: whether the CSMS logged
-- any of its reports, in which case only those count.
CREATE OR REPLACE TEMP TABLE replay_station AS
SELECT station, row_number() OVER (ORDER BY station)::INTEGER AS number, heard FROM (
    SELECT station, bool_or(kind = 'csms') AS heard
    FROM (SELECT station, kind FROM status UNION ALL SELECT station, kind FROM replay_noted)
    GROUP BY ALL
);

-- Grain: one row per report that counts.
CREATE OR REPLACE TEMP VIEW replay_report AS
SELECT h.number, r.connector, r.ts, r.event_id, r.status, r.error_code, r.vendor_error, r.info
FROM (
    SELECT station, connector, ts, event_id, status, error_code, vendor_error, info, kind FROM status
    UNION ALL
    SELECT station, connector, ts, event_id, status, NULL, NULL, NULL, kind FROM replay_noted
) AS r JOIN replay_station AS h ON h.station = r.station AND h.heard = (r.kind = 'csms');

-- Grain: one row per stretch of bad status of one connector, for every class of what is bad.
-- to_ts: the report that ended it (a flip between bad ones, if that restarts it); good_ts: the next
-- good report; until_ts: to_ts, or just after the end of the logs.
CREATE OR REPLACE TEMP TABLE replay_stretch AS
WITH judged AS (
    -- One key for class and station: the fewer columns, the faster this is sorted.
    SELECT c.class::BIGINT << 32 | r.number AS track, r.connector, r.ts, r.event_id,
        coalesce(l.bad, 0)::UTINYINT AS bad
    FROM replay_report AS r CROSS JOIN replay_class AS c
    LEFT JOIN (
        SELECT class, unnest(statuses) AS status, generate_subscripts(statuses, 1) AS bad FROM replay_class
    ) AS l ON l.class = c.class AND l.status = r.status
),
compared AS (
    SELECT *, lag(bad) OVER w AS bad_before
    FROM judged WINDOW w AS (PARTITION BY track, connector ORDER BY ts, event_id)
),
turn AS (
    SELECT t.*, c.class, (t.track & 4294967295)::INTEGER AS number
    FROM compared AS t JOIN replay_class AS c ON c.class = t.track >> 32
    WHERE (bad > 0) IS DISTINCT FROM (bad_before > 0) OR (c.flip_restarts AND bad <> bad_before)
),
spanned AS (
    SELECT class, number, connector, ts AS from_ts, event_id AS from_event, bad, lead(ts) OVER w AS to_ts,
        first_value(CASE WHEN bad = 0 THEN ts END IGNORE NULLS) OVER later AS good_ts,
        first_value(CASE WHEN bad = 0 THEN event_id END IGNORE NULLS) OVER later AS good_event
    FROM turn
    WINDOW w AS (PARTITION BY track, connector ORDER BY ts, event_id),
        later AS (PARTITION BY track, connector ORDER BY ts, event_id
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
)
SELECT row_number() OVER (ORDER BY class, number, connector, from_ts, from_event) AS stretch,
    * EXCLUDE (bad), coalesce(to_ts, (SELECT end_ts + INTERVAL 1 MICROSECOND FROM replay_span)) AS until_ts
FROM spanned WHERE bad > 0;

-- Points at which the CSMS got or lost a connection. A close that is told after a newer open belongs
-- to the older connection; a connection without a close ends with the next open. A close without an
-- open counts where no connection stands. Every station begins without one.
-- Grain: one row per point; until_ts: the next one.
CREATE OR REPLACE TEMP TABLE replay_point AS
WITH kept AS (
    SELECT h.number, c.open_ts, c.open_event, coalesce(c.csms_close_ts, c.close_ts) AS close_ts,
        lead(c.open_ts) OVER (PARTITION BY h.number, c.open_ts IS NULL ORDER BY c.open_ts, c.connection_id)
            AS next_open_ts
    FROM connection AS c JOIN replay_station AS h USING (station)
),
told AS (
    SELECT number, open_ts AS ts, true AS up, true AS known, open_event FROM kept WHERE open_ts IS NOT NULL
    UNION ALL
    SELECT number, close_ts, false, open_ts IS NOT NULL, NULL FROM kept
    WHERE close_ts IS NOT NULL AND (next_open_ts IS NULL OR close_ts < next_open_ts OR open_ts IS NULL)
    UNION ALL
    SELECT number, TIMESTAMP '0001-01-01', false, true, NULL FROM replay_station
),
placed AS (
    SELECT *, last_value(CASE WHEN known THEN up END IGNORE NULLS) OVER (
        PARTITION BY number ORDER BY ts, up DESC, known
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS stands
    FROM told
)
SELECT number, ts, up, open_event, lead(ts) OVER (PARTITION BY number ORDER BY ts, up DESC, known) AS until_ts
FROM placed WHERE known OR NOT stands;

-- Grain: one row per stretch of time in which the CSMS had a connection: since it was opened, or,
-- where no open is told, since the first frame (5 s after a close, for frames still under way).
CREATE OR REPLACE TEMP TABLE replay_link AS
SELECT number, ts AS from_ts, until_ts AS to_ts, open_event AS event_id FROM replay_point
WHERE up AND (until_ts IS NULL OR until_ts > ts)
UNION ALL
SELECT p.number, f.ts, p.until_ts, f.event_id
FROM (SELECT * FROM replay_point WHERE NOT up) AS p ASOF JOIN (
    SELECT h.number, e.ts, e.event_id FROM event AS e JOIN replay_station AS h
        ON h.station = e.station AND h.heard = (e.kind = 'csms')
    WHERE e.direction = 'to_csms' AND e.action IN ('ocpp.call', 'ocpp.result', 'ocpp.error') AND e.ts IS NOT NULL
) AS f ON f.number = p.number AND p.ts + INTERVAL 5 SECOND <= f.ts
WHERE p.until_ts IS NULL OR f.ts < p.until_ts;

-- Grain: one row per identity that a station has booted with.
CREATE OR REPLACE TEMP TABLE replay_identity AS
SELECT row_number() OVER (ORDER BY vendor, model, firmware)::INTEGER AS identity, * FROM (
    SELECT DISTINCT coalesce(vendor, '') AS vendor, coalesce(model, '') AS model,
        coalesce(firmware, '') AS firmware
    FROM boot
);

-- Grain: one row per boot with its identity.
CREATE OR REPLACE TEMP TABLE replay_boot AS
SELECT h.number, b.ts, b.event_id, i.identity
FROM boot AS b JOIN replay_station AS h USING (station)
JOIN replay_identity AS i ON i.vendor = coalesce(b.vendor, '') AND i.model = coalesce(b.model, '')
    AND i.firmware = coalesce(b.firmware, '');

-- Resets that were really ordered, with the answer and the next boot.
-- Grain: one row per Reset of the CSMS, told by its own log where that tells any.
CREATE OR REPLACE TEMP TABLE replay_reset AS
SELECT h.number, r.ts, r.event_id, r.frame->>'$[3].type' AS type, r.answer, b.ts AS next_boot_ts,
    b.event_id AS next_boot_event
FROM replay_order AS r JOIN replay_station AS h ON h.station = r.station AND h.heard = (r.kind = 'csms')
ASOF LEFT JOIN replay_boot AS b ON b.number = h.number AND r.ts <= b.ts
WHERE r.action = 'Reset';

-- What holds for a station and changes over time: connected, identity, more than one EVSE seen so far.
-- Grain: one row per station and stretch in which nothing of it changes.
CREATE OR REPLACE TEMP TABLE replay_circumstance AS
WITH change AS (
    SELECT number, TIMESTAMP '0001-01-01' AS ts, false AS up, NULL::INTEGER AS identity, false AS multi,
        0::BIGINT AS event_id FROM replay_station
    UNION ALL SELECT number, from_ts, true, NULL, NULL, 0 FROM replay_link
    UNION ALL SELECT number, to_ts, false, NULL, NULL, 0 FROM replay_link WHERE to_ts IS NOT NULL
    UNION ALL SELECT number, ts, NULL, identity, NULL, event_id FROM replay_boot
    UNION ALL SELECT number, min(ts), NULL, NULL, true, 0 FROM replay_report
        WHERE connector BETWEEN 2 AND 999 OR connector >= 2000 GROUP BY ALL
),
changed AS (
    SELECT number, ts, bool_or(up) AS up, arg_max(identity, event_id) AS identity, bool_or(multi) AS multi
    FROM change GROUP BY ALL
)
SELECT number, ts AS from_ts, coalesce(lead(ts) OVER w, TIMESTAMP '9999-01-01') AS to_ts,
    last_value(up IGNORE NULLS) OVER w AS up, last_value(identity IGNORE NULLS) OVER w AS identity,
    last_value(multi IGNORE NULLS) OVER w AS multi
FROM changed WINDOW w AS (PARTITION BY number ORDER BY ts);
