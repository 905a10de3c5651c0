-- What a reset would have met at each decision.
-- Reads: replay_decision, replay_report, replay_boot, replay_link, replay_availability, replay_item,
-- replay_class, replay_taxonomy (physical_codes, physical_words, firmware_running), connection, spoken,
-- transaction, event. Every view is one row per decision for which it has something to say.

CREATE OR REPLACE TEMP MACRO words_of(told) AS
    lower(replace(replace(regexp_replace(told, '([a-z])([A-Z])', '\1 \2', 'g'), '_', ' '), '-', ' '));

-- Grain: one row per bad report of the connectors that a decision or a real reset concerns.
CREATE OR REPLACE TEMP TABLE replay_bad AS
WITH asked AS (
    SELECT number, connector FROM replay_decision
    UNION SELECT s.number, s.connector FROM replay_stretch AS s JOIN replay_reset AS r
        ON r.number = s.number AND r.ts >= s.from_ts AND r.ts < s.until_ts
),
bad AS (
    SELECT * FROM replay_report WHERE status IN (SELECT unnest(statuses) FROM replay_class)
),
worded AS (
    SELECT *, coalesce(list_contains(physical_codes, error_code) OR list_contains(physical_codes, vendor_error)
        OR regexp_matches(words_of(concat_ws(' ', error_code, vendor_error, info)), physical_words), false) AS physical
    FROM (SELECT DISTINCT error_code, vendor_error, info FROM bad) CROSS JOIN replay_taxonomy
)
SELECT b.*, coalesce(b.error_code NOT IN ('NoError', ''), false) OR coalesce(b.vendor_error, '') <> '' AS telling,
    w.physical
FROM bad AS b SEMI JOIN asked USING (number, connector)
JOIN worded AS w ON w.error_code IS NOT DISTINCT FROM b.error_code
    AND w.vendor_error IS NOT DISTINCT FROM b.vendor_error AND w.info IS NOT DISTINCT FROM b.info;

-- The last bad report, and the last one of the stretch that names an error.
CREATE OR REPLACE TEMP TABLE replay_told AS
SELECT d.decision, l.status, l.event_id AS last_event,
    coalesce(t.error_code, l.error_code) AS error_code, coalesce(t.vendor_error, l.vendor_error) AS vendor_error,
    coalesce(t.info, l.info) AS info, coalesce(t.event_id, l.event_id) AS error_event,
    coalesce(t.physical, l.physical) AS physical
FROM replay_decision AS d
ASOF JOIN replay_bad AS l ON l.number = d.number AND l.connector = d.connector AND d.ts >= l.ts
LEFT JOIN (
    SELECT d.decision, b.* FROM replay_decision AS d
    ASOF JOIN (SELECT * FROM replay_bad WHERE telling) AS b
        ON b.number = d.number AND b.connector = d.connector AND d.ts >= b.ts
    WHERE b.ts >= d.from_ts
) AS t USING (decision);

CREATE OR REPLACE TEMP TABLE replay_booted AS
SELECT d.decision, b.identity, b.event_id
FROM replay_decision AS d ASOF JOIN replay_boot AS b ON b.number = d.number AND d.ts >= b.ts;

-- The connection at the time of the decision. heard_ts: the first frame of the station after it.
CREATE OR REPLACE TEMP TABLE replay_linked AS
SELECT l.decision, l.ts, l.event_id, l.to_ts, f.ts AS heard_ts
FROM (
    SELECT d.decision, d.number, d.ts, l.event_id, l.to_ts
    FROM replay_decision AS d ASOF JOIN replay_link AS l ON l.number = d.number AND d.ts >= l.from_ts
) AS l ASOF LEFT JOIN (
    SELECT h.number, e.ts, e.event_id FROM event AS e JOIN replay_station AS h
        ON h.station = e.station AND h.heard = (e.kind = 'csms')
    WHERE e.direction = 'to_csms' AND e.ts IS NOT NULL
        AND e.action IN ('ocpp.call', 'ocpp.result', 'ocpp.error', 'ws.ping', 'ws.pong')
        AND h.number IN (SELECT number FROM replay_decision)
) AS f ON f.number = l.number AND l.ts < f.ts;

-- Connections that carried no frame any more and were found dead: no pong, no heartbeat, a reset, or
-- replaced by the next one.
CREATE OR REPLACE TEMP TABLE replay_dead AS
SELECT l.decision, c.csms_close_event AS event_id
FROM replay_linked AS l JOIN connection AS c ON c.open_event = l.event_id
WHERE l.to_ts IS NOT NULL AND (l.heard_ts IS NULL OR l.heard_ts >= l.to_ts)
    AND (c.ping_timeout OR c.read_deadline OR c.csms_code = 1011
        OR (c.csms_code = 1006 AND l.to_ts - l.ts >= INTERVAL 1 MINUTE)
        OR c.told_by IN ('ws.ping_timeout', 'csms.heartbeat_timeout') OR c.close_ts IS NULL OR c.close_ts > l.to_ts);

-- The last order for the station, the EVSE or the connector, where it was Inoperative.
CREATE OR REPLACE TEMP TABLE replay_inoperative AS
SELECT decision, arg_max(event_id, ts) AS event_id FROM (
    SELECT d.decision, a.ts, a.event_id, a.wanted
    FROM (
        SELECT DISTINCT decision, number, ts, unnest([0, connector // 1000 * 1000, connector]) AS scope
        FROM replay_decision
    ) AS d ASOF JOIN (
        SELECT h.number, a.* FROM replay_availability AS a JOIN replay_station AS h
            ON h.station = a.station AND h.heard = (a.kind = 'csms')
    ) AS a ON a.number = d.number AND a.connector = d.scope AND d.ts >= a.ts
)
GROUP BY decision HAVING arg_max(wanted, ts) = 'Inoperative';

-- What a NotifyEvent says is wrong (OCPP 2.x), while the stretch lasts or up to five minutes before.
CREATE OR REPLACE TEMP TABLE replay_noticed AS
SELECT d.decision, i.event_id, i.words,
    regexp_matches(words_of(i.words), (SELECT physical_words FROM replay_taxonomy)) AS physical
FROM (
    SELECT DISTINCT decision, number, ts, from_ts, unnest([0, connector // 1000 * 1000, connector]) AS scope
    FROM replay_decision
) AS d ASOF JOIN (
    SELECT h.number, i.* FROM replay_item AS i JOIN replay_station AS h
        ON h.station = i.station AND h.heard = (i.kind = 'csms')
    WHERE i.variable IS DISTINCT FROM 'AvailabilityState'
) AS i ON i.number = d.number AND i.connector = d.scope AND d.ts >= i.ts
WHERE i.ts >= d.from_ts - INTERVAL 5 MINUTE AND NOT i.cleared AND i.value IS DISTINCT FROM 'false'
QUALIFY row_number() OVER (PARTITION BY d.decision ORDER BY physical DESC, i.ts DESC, i.event_id) = 1;

-- A firmware update that has begun within the day before, with no end and no boot since.
CREATE OR REPLACE TEMP TABLE replay_updating AS
SELECT d.decision, f.event_id, f.status
FROM replay_decision AS d ASOF JOIN (
    SELECT h.number, s.ts, s.event_id, s.frame->>'$[3].status' AS status
    FROM spoken AS s JOIN replay_station AS h ON h.station = s.station AND h.heard = (s.kind = 'csms')
    WHERE s.ocpp_type = 2 AND s.ocpp_action = 'FirmwareStatusNotification' AND s.frame IS NOT NULL
) AS f ON f.number = d.number AND d.ts >= f.ts
LEFT JOIN replay_boot AS b ON b.number = d.number AND b.ts > f.ts AND b.ts <= d.ts
WHERE b.ts IS NULL AND d.ts - f.ts <= INTERVAL 1 DAY
    AND list_contains((SELECT firmware_running FROM replay_taxonomy), f.status);

-- Transactions that run (begun, not ended, no other begun on the connector, not reported Available), and
-- messages of transactions that waited at the station: dated before the decision, received after it.
CREATE OR REPLACE TEMP TABLE replay_charging AS
WITH begun AS (
    SELECT d.decision, d.number, d.ts, t.transaction_id, t.connector, t.start_ts, t.start_event
    FROM replay_decision AS d JOIN replay_station AS h USING (number)
    JOIN "transaction" AS t ON t.station = h.station AND t.start_ts <= d.ts AND (t.stop_ts IS NULL OR t.stop_ts > d.ts)
    QUALIFY row_number() OVER (PARTITION BY d.decision, t.connector ORDER BY t.start_ts DESC) = 1
),
free AS (
    SELECT b.decision, b.transaction_id FROM begun AS b
    JOIN (SELECT * FROM replay_report WHERE status = 'Available' AND number IN (SELECT number FROM begun)) AS r
        ON r.number = b.number AND r.connector = b.connector AND r.ts > b.start_ts AND r.ts <= b.ts
),
sent AS (
    SELECT h.number, s.ts, s.event_id, utc_stamp(s.frame->>'$[3].timestamp') AS dated_ts,
        coalesce(s.frame->>'$[3].transactionId', s.frame->>'$[3].transactionInfo.transactionId', t.transaction_id) AS transaction_id
    FROM spoken AS s JOIN replay_station AS h ON h.station = s.station AND h.heard = (s.kind = 'csms')
    LEFT JOIN "transaction" AS t ON t.start_event = s.event_id
    WHERE s.ocpp_type = 2 AND s.ocpp_action IN ('StartTransaction', 'StopTransaction', 'TransactionEvent')
)
SELECT decision, list_sort(list(DISTINCT transaction_id)) AS transactions, list_sort(list(DISTINCT event_id)) AS events
FROM (
    SELECT decision, transaction_id, start_event AS event_id FROM begun ANTI JOIN free USING (decision, transaction_id)
    UNION ALL
    SELECT d.decision, coalesce(s.transaction_id, 'unknown'), s.event_id
    FROM replay_decision AS d JOIN sent AS s ON s.number = d.number AND s.dated_ts <= d.ts AND s.ts > d.ts
)
GROUP BY decision;

-- Grain: one row per decision with everything about it. outlooks: all that hold, the gravest first.
CREATE OR REPLACE TEMP TABLE replay_outlook AS
SELECT d.decision, d.policy, d.class, d.stretch, d.number, d.connector, d.ts, d.from_ts, d.from_event, d.good_ts, d.good_event,
    t.status, t.error_code, t.vendor_error, t.info, b.identity, n.words AS noticed,
    c.transactions, u.status AS firmware_status,
    list_filter([
        CASE WHEN u.decision IS NOT NULL THEN 'dangerous_firmware_update' END,
        CASE WHEN t.physical OR n.physical THEN 'futile_physical' END,
        CASE WHEN i.decision IS NOT NULL THEN 'futile_inoperative' END,
        CASE WHEN x.decision IS NOT NULL THEN 'undeliverable' END,
        CASE WHEN c.decision IS NOT NULL THEN 'costly_transaction' END], lambda each: each IS NOT NULL) AS outlooks
FROM replay_decision AS d
JOIN replay_told AS t USING (decision)
LEFT JOIN replay_booted AS b USING (decision)
LEFT JOIN replay_noticed AS n USING (decision)
LEFT JOIN replay_updating AS u USING (decision)
LEFT JOIN replay_inoperative AS i USING (decision)
LEFT JOIN replay_dead AS x USING (decision)
LEFT JOIN replay_charging AS c USING (decision);
