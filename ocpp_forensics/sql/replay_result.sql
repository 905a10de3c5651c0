-- Decisions, skips and near misses as they are shown: names of stations, EVSE and connector apart.
-- Reads: the tables of replay_outlook, replay_reality and replay_skip, event, part, line_text.

-- Grain: one row per policy and decision.
CREATE OR REPLACE TEMP VIEW replay_shown AS
SELECT o.decision, o.policy, h.station, o.ts, nullif(o.connector // 1000, 0) AS evse,
    o.connector % 1000 AS connector, o.from_ts AS bad_since_ts, o.status, o.error_code, o.vendor_error,
    o.info, o.noticed, i.vendor, i.model, i.firmware, coalesce(o.outlooks[1], 'may_heal') AS outlook,
    o.outlooks[2:] AS also, coalesce(o.transactions, []) AS transactions, o.firmware_status,
    r.outcome, o.good_ts, r.stuck_s, r.saved_s, r.resets, r.reset.ts AS reset_ts, r.reset.type AS reset_type,
    r.reset.answer AS reset_answer, r.reset.boot_ts AS reset_boot_ts, r.reset.healed AS reset_healed,
    r.reset.again AS reset_again
FROM replay_outlook AS o JOIN replay_reality AS r USING (decision) JOIN replay_station AS h USING (number)
LEFT JOIN replay_identity AS i USING (identity);

-- Grain: one row per decision and event that it rests on.
CREATE OR REPLACE TEMP VIEW replay_line AS
SELECT decision, event_id, arg_min(why, rank) AS why FROM (
    SELECT decision, from_event AS event_id, 'bad from here on' AS why, 1 AS rank FROM replay_outlook
    UNION ALL SELECT decision, error_event, 'its error', 3 FROM replay_told
    UNION ALL SELECT decision, last_event, 'last status', 4 FROM replay_told
    UNION ALL SELECT decision, event_id, 'its last boot', 2 FROM replay_booted
    UNION ALL SELECT decision, event_id, 'connected', 2 FROM replay_linked
    UNION ALL SELECT decision, event_id, 'what it reports', 0 FROM replay_noticed
    UNION ALL SELECT decision, event_id, 'update running', 0 FROM replay_updating
    UNION ALL SELECT decision, event_id, 'ordered out of service', 0 FROM replay_inoperative
    UNION ALL SELECT decision, event_id, 'found dead', 0 FROM replay_dead
    UNION ALL SELECT decision, unnest(events), 'a transaction at stake', 0 FROM replay_charging
    UNION ALL SELECT decision, reset.event_id, 'a reset was sent', 2 FROM replay_reality
    UNION ALL SELECT decision, reset.boot_event, 'it boots', 3 FROM replay_reality
    UNION ALL SELECT decision, good_event, 'good again', 5 FROM replay_outlook
)
WHERE event_id IS NOT NULL GROUP BY decision, event_id;

-- Grain: one row per decision and line of a log. Times in UTC.
CREATE OR REPLACE TEMP VIEW replay_evidence AS
SELECT l.decision, p.path AS source, line_of(e.event_id, p.glued) AS line, e.byte_offset, e.ts, l.why,
    t.text, e.event_id
FROM replay_line AS l JOIN event AS e USING (event_id) JOIN part AS p ON p.part_id = e.event_id >> 40
LEFT JOIN line_text AS t ON t.record_id = e.event_id;

-- Grain: one row per model of which no station can ever be reset by the rule: every one has several
-- EVSEs and none reports a status of its own.
CREATE OR REPLACE TEMP VIEW replay_never AS
WITH whole AS (SELECT DISTINCT number FROM replay_report WHERE connector = 0),
last_seen AS (
    SELECT number, arg_max(identity, from_ts) AS identity, bool_or(multi) AS multi
    FROM replay_circumstance GROUP BY ALL
)
SELECT i.vendor, i.model, count(DISTINCT l.number) AS stations
FROM last_seen AS l JOIN replay_identity AS i USING (identity) LEFT JOIN whole AS w USING (number)
GROUP BY ALL HAVING bool_and(l.multi AND w.number IS NULL);

-- Grain: one row per policy, stretch and part of it in which one condition blocked.
CREATE OR REPLACE TEMP VIEW replay_skip_shown AS
SELECT s.policy, h.station, nullif(s.connector // 1000, 0) AS evse, s.connector % 1000 AS connector,
    s.from_ts, s.to_ts, s.reason
FROM replay_skip AS s JOIN replay_station AS h USING (number);

-- Grain: one row per policy and reason. Units: seconds.
CREATE OR REPLACE TEMP VIEW replay_skip_sum AS
SELECT policy, reason, count(DISTINCT stretch) AS stretches, count(DISTINCT number) AS stations,
    sum(epoch(to_ts) - epoch(from_ts)) AS seconds
FROM replay_skip GROUP BY ALL;

-- Grain: one row per policy and near miss. seconds: distance from the threshold.
CREATE OR REPLACE TEMP VIEW replay_near_shown AS
SELECT n.policy, h.station, nullif(n.connector // 1000, 0) AS evse, n.connector % 1000 AS connector,
    n.ts, n.kind, n.seconds, n.stretches
FROM replay_near AS n JOIN replay_station AS h USING (number);
