-- Charging transactions, from StartTransaction and StopTransaction or from TransactionEvent.
-- Grain: one row per station and transaction id. Reads: spoken. Times: UTC; null where not logged.
-- Ends that the frames do not tell stay null. The id stands in the answer, which is the first one to
-- that message within ten minutes: stations may count message ids from the start again after a boot.

CREATE TABLE "transaction" AS
WITH started AS (
    SELECT c.station, a.frame->>'$[2].transactionId' AS transaction_id, c.ts, c.event_id,
        try_cast(c.frame->>'$[3].connectorId' AS INTEGER) AS connector, NULL AS reason, true AS starts
    FROM (SELECT * FROM spoken WHERE ocpp_type = 2 AND ocpp_action = 'StartTransaction') AS c
    ASOF JOIN (SELECT * FROM spoken WHERE ocpp_type = 3) AS a
        ON a.station = c.station AND a.message_key = c.message_key AND a.source_id = c.source_id AND c.ts <= a.ts
    WHERE a.ts - c.ts <= INTERVAL 10 MINUTE
),
stopped AS (
    SELECT station, frame->>'$[3].transactionId', ts, event_id, NULL, frame->>'$[3].reason', false
    FROM spoken WHERE ocpp_type = 2 AND ocpp_action = 'StopTransaction'
),
reported AS (
    SELECT station, frame->>'$[3].transactionInfo.transactionId', ts, event_id,
        try_cast(frame->>'$[3].evse.id' AS INTEGER),
        coalesce(frame->>'$[3].transactionInfo.stoppedReason', frame->>'$[3].triggerReason'),
        frame->>'$[3].eventType' = 'Started'
    FROM spoken
    WHERE ocpp_type = 2 AND ocpp_action = 'TransactionEvent' AND frame->>'$[3].eventType' IN ('Started', 'Ended')
),
told AS (FROM started UNION ALL FROM stopped UNION ALL FROM reported)
SELECT station, transaction_id, max(connector) AS connector, min(ts) FILTER (starts) AS start_ts,
    min(ts) FILTER (NOT starts) AS stop_ts, arg_min(event_id, ts) FILTER (starts) AS start_event,
    arg_min(event_id, ts) FILTER (NOT starts) AS stop_event,
    any_value(reason) FILTER (NOT starts) AS stop_reason
FROM told WHERE transaction_id IS NOT NULL
GROUP BY ALL;
