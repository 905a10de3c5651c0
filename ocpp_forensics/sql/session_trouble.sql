-- CALLs that went wrong although the connection lived, and the stretches in which they did.
-- Reads: event, spoken, connection. Units: seconds, UTC. A log that shows no answers proves nothing:
-- the CSMS's CALLs count where its log shows an answer to any of them, the station's CALLs where
-- the log shows an answer to one of the same action.

CREATE OR REPLACE VIEW scratch.asked_call AS
SELECT event_id, ts, source_id, kind, station, direction, ocpp_action, message_key,
    (direction = 'to_csms') = (kind = 'station') AS by_caller
FROM event
WHERE ocpp_type = 2 AND ts IS NOT NULL AND station IS NOT NULL AND message_key IS NOT NULL
    AND kind IN ('csms', 'station') AND direction IS NOT NULL;

CREATE OR REPLACE VIEW scratch.given_answer AS
SELECT event_id, ts, source_id, station, message_key, ocpp_type
FROM event
WHERE ocpp_type IN (3, 4) AND ts IS NOT NULL AND station IS NOT NULL AND message_key IS NOT NULL;

-- Most CALLs have their result within seconds: only the others are looked at one by one.
CREATE OR REPLACE TABLE scratch.suspect AS
WITH open AS (
    SELECT c.event_id FROM (SELECT event_id, ts, hash(source_id, station, message_key) AS message FROM asked_call) AS c
    ANTI JOIN (
        SELECT ts, hash(source_id, station, message_key) AS message FROM given_answer WHERE ocpp_type = 3
    ) AS a ON a.message = c.message AND a.ts >= c.ts AND a.ts <= c.ts + INTERVAL 10 SECOND
)
SELECT * FROM asked_call WHERE event_id IN (SELECT event_id FROM open);

CREATE OR REPLACE TABLE scratch.shows_answers AS
WITH counted AS (
    SELECT source_id, direction, CASE direction WHEN 'to_csms' THEN ocpp_action ELSE '' END AS asked, count(*) AS calls
    FROM asked_call GROUP BY ALL
),
open AS (
    SELECT source_id, direction, CASE direction WHEN 'to_csms' THEN ocpp_action ELSE '' END AS asked, count(*) AS calls
    FROM suspect GROUP BY ALL
)
SELECT source_id, direction, asked
FROM counted AS c LEFT JOIN open AS o USING (source_id, direction, asked)
WHERE c.calls > coalesce(o.calls, 0);

-- A BootNotification that was answered, but not with Accepted.
CREATE OR REPLACE TABLE scratch.waiting_boot AS
SELECT b.event_id, any_value(a.frame->>'$[2].status') AS boot_status
FROM spoken AS b JOIN spoken AS a ON a.station = b.station AND a.source_id = b.source_id
    AND a.message_key = b.message_key AND a.ocpp_type = 3 AND a.ts BETWEEN b.ts AND b.ts + INTERVAL 2 MINUTE
WHERE b.ocpp_type = 2 AND b.ocpp_action = 'BootNotification' AND a.frame->>'$[2].status' IN ('Pending', 'Rejected')
GROUP BY ALL;

CREATE OR REPLACE TABLE scratch.judged_call AS
WITH looked_at AS (
    SELECT s.* FROM suspect AS s
    UNION ALL
    SELECT c.* FROM asked_call AS c JOIN waiting_boot USING (event_id)
    WHERE c.event_id NOT IN (SELECT event_id FROM suspect)
),
answered AS (
    SELECT c.*, a.event_id AS answer_event, a.ocpp_type AS answer_type, epoch(a.ts) - epoch(c.ts) AS latency_s
    FROM looked_at AS c ASOF LEFT JOIN given_answer AS a ON a.source_id = c.source_id AND a.station = c.station
        AND a.message_key = c.message_key AND c.ts <= a.ts
),
placed AS (
    SELECT c.*, n.connection_id, n.open_ts, n.close_ts
    FROM answered AS c ASOF LEFT JOIN (SELECT connection_id, station, open_ts, close_ts FROM connection WHERE open_ts IS NOT NULL) AS n
        ON n.station = c.station AND c.ts >= n.open_ts
)
SELECT * REPLACE (
    CASE WHEN latency_s <= 600 THEN answer_type END AS answer_type,
    CASE WHEN latency_s <= 600 THEN latency_s END AS latency_s,
    CASE WHEN close_ts >= ts THEN connection_id END AS connection_id)
FROM placed;

-- What the caller heard of the other side after a CALL that got no answer.
CREATE OR REPLACE TABLE scratch.heard_after AS
WITH open AS (SELECT * FROM judged_call WHERE answer_type IS NULL),
heard AS (
    SELECT station, kind, ts FROM event
    WHERE station IN (SELECT station FROM open) AND kind IN ('csms', 'station') AND ts IS NOT NULL
        AND action IN ('ocpp.call', 'ocpp.result', 'ocpp.error', 'ws.ping', 'ws.pong')
        AND direction = CASE kind WHEN 'csms' THEN 'to_csms' ELSE 'to_station' END
)
SELECT o.event_id, h.ts AS heard_ts
FROM open AS o ASOF JOIN heard AS h ON h.station = o.station AND h.kind = o.kind AND o.ts + INTERVAL 1 SECOND <= h.ts
WHERE o.by_caller AND (o.close_ts IS NULL OR o.close_ts < o.ts OR h.ts <= o.close_ts) AND h.ts - o.ts <= INTERVAL 1 HOUR;

-- Grain: one row per CALL that went wrong: unanswered although the connection lived on, answered
-- late (after 10 s) or with an error that is more than "not implemented", or a Boot that must wait.
CREATE TABLE bad_call AS
WITH told AS (
    SELECT j.*, h.heard_ts, w.boot_status, e.frame->>'$[2]' AS error_code,
        md5(coalesce(f.frame->>'$[3]', j.message_key::VARCHAR)) AS content,
        -- The other side's log has the CALL, or an answer to it.
        EXISTS (SELECT 1 FROM asked_call AS o WHERE o.station = j.station AND o.message_key = j.message_key
            AND o.by_caller <> j.by_caller AND o.ts BETWEEN j.ts - INTERVAL 5 MINUTE AND j.ts + INTERVAL 5 MINUTE) AS seen_twice,
        EXISTS (SELECT 1 FROM given_answer AS a WHERE a.station = j.station AND a.message_key = j.message_key
            AND a.source_id <> j.source_id AND a.ts BETWEEN j.ts - INTERVAL 1 MINUTE AND j.ts + INTERVAL 10 MINUTE) AS answer_lost,
        -- The log has a hole where the answer would stand.
        EXISTS (SELECT 1 FROM hole AS x WHERE x.source_id = j.source_id
            AND x.from_ts BETWEEN j.ts - INTERVAL 1 SECOND AND j.ts + INTERVAL 10 MINUTE) AS cut_off
    FROM judged_call AS j
    JOIN shows_answers AS s ON s.source_id = j.source_id AND s.direction = j.direction
        AND s.asked IN ('', j.ocpp_action)
    LEFT JOIN heard_after AS h USING (event_id)
    LEFT JOIN waiting_boot AS w USING (event_id)
    LEFT JOIN spoken AS e ON e.event_id = j.answer_event AND j.answer_type = 4
    LEFT JOIN spoken AS f ON f.event_id = j.event_id
),
decided AS (
    SELECT *, CASE
        WHEN boot_status IS NOT NULL THEN 'not-accepted'
        WHEN answer_type = 4 AND coalesce(error_code, '') NOT IN ('NotImplemented', 'NotSupported') THEN 'error'
        WHEN answer_type = 3 AND latency_s > 10 THEN 'late'
        WHEN answer_type IS NULL AND NOT cut_off AND (heard_ts IS NOT NULL OR (NOT by_caller OR seen_twice)
                AND (close_ts IS NULL OR close_ts < ts OR close_ts > ts + INTERVAL 15 SECOND)
                AND ts < (SELECT max(ts) FROM event) - INTERVAL 15 SECOND)
            THEN 'unanswered' END AS outcome
    FROM told
)
SELECT event_id, ts, source_id, station, direction, ocpp_action, message_key, connection_id, outcome,
    latency_s, CASE WHEN latency_s IS NOT NULL THEN answer_event END AS answer_event, error_code, boot_status, content, answer_lost AND outcome = 'unanswered' AS answer_lost
FROM decided
-- What the caller saw counts; the other side's view where the caller's log is missing.
WHERE outcome IS NOT NULL AND (by_caller OR NOT seen_twice);

-- Grain: one row per station, direction and stretch of bad CALLs (at most an hour apart): three or
-- more, most of all CALLs or of those of one action, or the same message again and again.
CREATE TABLE trouble AS
WITH gap AS (
    SELECT *, coalesce(ts - lag(ts) OVER w > INTERVAL 1 HOUR, true) AS begins
    FROM bad_call WINDOW w AS (PARTITION BY station, direction ORDER BY ts, event_id)
),
numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY station, direction ORDER BY ts, event_id) AS number FROM gap
),
stretch AS (
    SELECT station, direction, number, min(ts) AS ts, max(ts) AS until_ts, arg_min(event_id, ts) AS event_id,
        count(*) AS bad, mode(ocpp_action ORDER BY ocpp_action) AS call_action, mode(error_code ORDER BY error_code) AS error_code,
        count(*) FILTER (outcome = 'unanswered') AS unanswered, count(*) FILTER (outcome = 'error') AS errors,
        count(*) FILTER (outcome = 'late') AS late, median(latency_s) FILTER (outcome = 'late') AS latency_s,
        count(*) FILTER (outcome = 'not-accepted') AS boots, arg_max(boot_status, ts) AS boot_status,
        count(*) FILTER (answer_lost) AS answers_lost
    FROM numbered GROUP BY ALL HAVING count(*) >= 3
),
repeated AS (
    SELECT station, direction, number, max(times) AS resent FROM (
        SELECT station, direction, number, content, count(*) AS times FROM numbered GROUP BY ALL) GROUP BY ALL
),
around AS (
    SELECT s.station, s.direction, s.number,
        count(DISTINCT c.message_key) FILTER (c.direction = s.direction) AS calls,
        count(DISTINCT c.message_key) FILTER (c.direction = s.direction AND c.ocpp_action = s.call_action) AS action_calls,
        count(DISTINCT c.message_key) FILTER (c.direction <> s.direction) AS opposite_calls
    FROM stretch AS s JOIN asked_call AS c ON c.station = s.station AND c.ts BETWEEN s.ts AND s.until_ts GROUP BY ALL
),
worst AS (
    SELECT s.station, s.direction, s.number, count(*) AS action_bad
    FROM stretch AS s JOIN numbered AS n USING (station, direction, number) WHERE n.ocpp_action = s.call_action GROUP BY ALL
),
nearby AS (
    SELECT s.station, s.direction, s.number, count(*) FILTER (e.action = 'ws.pong') AS pongs,
        count(*) FILTER (e.action = 'ocpp.timeout') AS told
    FROM stretch AS s JOIN event AS e ON e.station = s.station AND e.ts BETWEEN s.ts AND s.until_ts + INTERVAL 1 MINUTE
    WHERE e.action IN ('ws.pong', 'ocpp.timeout') GROUP BY ALL
),
accepted AS (
    SELECT s.station, s.direction, s.number, true AS boot_accepted
    FROM stretch AS s JOIN spoken AS a ON a.station = s.station AND a.ocpp_type = 3
        AND a.frame->>'$[2].interval' IS NOT NULL AND a.frame->>'$[2].status' = 'Accepted' AND a.ts BETWEEN s.ts AND s.until_ts + INTERVAL 1 HOUR
    WHERE s.boots > 0 GROUP BY ALL
)
SELECT row_number() OVER (ORDER BY ts, station, direction) AS trouble_id, order_of(ts, 8, event_id) AS ord, s.* EXCLUDE (number, errors, late, unanswered, answers_lost),
    calls, bad / greatest(calls, bad) AS bad_share,
    unanswered / greatest(calls, bad) AS unanswered_share, errors / greatest(calls, bad) AS error_share,
    late / greatest(calls, bad) AS late_share, action_bad / greatest(action_calls, action_bad) AS action_share,
    answers_lost / greatest(unanswered, 1) AS answers_lost_share,
    resent, opposite_calls, coalesce(pongs, 0) AS pongs, coalesce(told, 0) AS told,
    coalesce(boot_accepted, false) AS boot_accepted, epoch(until_ts) - epoch(ts) AS trouble_s
FROM stretch AS s JOIN around USING (station, direction, number) JOIN worst USING (station, direction, number)
JOIN repeated USING (station, direction, number) LEFT JOIN nearby USING (station, direction, number)
LEFT JOIN accepted USING (station, direction, number)
WHERE bad >= 0.5 * calls OR action_bad >= 0.8 * action_calls OR resent >= 4;
