-- What became of transaction messages that stations had to keep while they were offline.
-- Grain: one row per message that came late, or transaction of which messages never came. Reads: spoken, replayed,
-- transaction, connection, event, status. Units: seconds, UTC. delivered: it came after the reconnect; late_s:
-- how much later than its own time stamp; shown_by: time-stamp, sequence (gaps in seqNo) or unclosed
-- (the connector is free again and the transaction was never stopped); missing: messages lost.
-- event_id: the message that came, or the one that shows that another did not.

-- Sequence numbers of a transaction that never arrived, where the station was offline between the
-- times at which their neighbours were made.
CREATE OR REPLACE TABLE scratch.skipped AS
WITH numbered AS (
    SELECT station, ts, event_id, frame->>'$[3].transactionInfo.transactionId' AS transaction_id,
        try_cast(frame->>'$[3].seqNo' AS INTEGER) AS number,
        coalesce(utc_stamp(frame->>'$[3].timestamp'), ts) AS made_ts
    FROM spoken
    WHERE ocpp_type = 2 AND ocpp_action = 'TransactionEvent' AND kind = 'csms' AND direction = 'to_csms'
),
gap AS (
    SELECT *, number - lag(number) OVER w - 1 AS missing, lag(made_ts) OVER w AS before_ts
    FROM numbered WHERE number IS NOT NULL AND transaction_id IS NOT NULL
    WINDOW w AS (PARTITION BY station, transaction_id ORDER BY number, ts)
)
SELECT g.station, max(g.ts) AS ts, arg_max(g.event_id, g.ts) AS event_id, any_value(g.missing) AS missing
FROM gap AS g JOIN connection AS c ON c.station = g.station
    AND c.close_ts <= g.made_ts AND c.next_open_ts >= g.before_ts AND c.next_open_ts <= g.ts
WHERE g.missing >= 1
GROUP BY g.station, g.transaction_id, g.number;

-- Transactions that a connection's end cut off, which were never stopped although the connector was free
-- or in use again after the reconnect and the station stayed connected for ten minutes more.
CREATE OR REPLACE TABLE scratch.unclosed AS
WITH cut AS (
    SELECT t.station, t.transaction_id, t.connector, t.start_ts, min(c.close_ts) AS close_ts,
        arg_min(c.next_open_ts, c.close_ts) AS open_ts
    FROM "transaction" AS t JOIN connection AS c ON c.station = t.station
        AND c.close_ts > t.start_ts AND c.next_open_ts IS NOT NULL
    WHERE t.stop_ts IS NULL AND t.start_ts IS NOT NULL AND t.connector IS NOT NULL
    GROUP BY ALL
),
sign AS (
    SELECT station, connector % 1000 AS connector, ts, event_id, status = 'Available' AS frees FROM status WHERE status IN ('Available', 'Charging')
    UNION ALL
    SELECT station, connector, start_ts, start_event, true FROM "transaction" WHERE start_ts IS NOT NULL
),
freed AS (
    SELECT u.station, u.transaction_id, u.start_ts, u.close_ts, u.open_ts, min(s.ts) AS ts, arg_min(s.event_id, s.ts) AS event_id
    FROM cut AS u JOIN sign AS s ON s.station = u.station AND s.connector = u.connector AND s.frees AND s.ts > u.start_ts
    GROUP BY ALL
)
SELECT f.station, f.transaction_id, f.ts, f.event_id
FROM freed AS f JOIN station AS s USING (station)
WHERE f.ts >= f.open_ts AND s.last_ts >= f.ts + INTERVAL 10 MINUTE AND NOT EXISTS (
    SELECT 1 FROM "transaction" AS o WHERE o.station = f.station AND o.start_ts IS NULL AND o.stop_ts >= f.start_ts);

CREATE TABLE queued AS
WITH told AS (
    SELECT station, ts, event_id, true AS delivered, 'time-stamp' AS shown_by, late_s, 0 AS missing FROM replayed
        WHERE kind = 'csms' AND ocpp_action IN ('StartTransaction', 'StopTransaction', 'TransactionEvent')
    UNION ALL SELECT station, ts, event_id, false, 'sequence', NULL, missing FROM skipped
    UNION ALL SELECT station, ts, event_id, false, 'unclosed', NULL, 1 FROM unclosed
)
SELECT row_number() OVER (ORDER BY station, ts, event_id) AS queued_id, order_of(ts, 8, event_id) AS ord, * FROM told;
