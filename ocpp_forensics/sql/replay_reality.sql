-- What really happened: after each decision, and after each reset that somebody ordered.
-- Reads: replay_outlook, replay_stretch, replay_reset, replay_bad, replay_boot, replay_due, replay_policy.

-- Grain: one row per real reset and stretch that was bad at that time. healed: good within 30 min;
-- again: bad once more within a day, with the same error.
CREATE OR REPLACE TEMP TABLE replay_effect AS
WITH hit AS (
    SELECT s.class, s.number, s.connector, s.stretch, s.good_ts, r.ts, r.event_id, r.type, r.answer,
        CASE WHEN r.next_boot_ts <= r.ts + INTERVAL 15 MINUTE THEN r.next_boot_ts END AS boot_ts,
        CASE WHEN r.next_boot_ts <= r.ts + INTERVAL 15 MINUTE THEN r.next_boot_event END AS boot_event,
        coalesce(s.good_ts <= r.ts + INTERVAL 30 MINUTE AND r.answer IS DISTINCT FROM 'Rejected', false) AS healed
    FROM replay_reset AS r JOIN replay_stretch AS s ON s.number = r.number AND r.ts >= s.from_ts AND r.ts < s.until_ts
),
judged AS (
    SELECT h.*, e.error_code, n.from_ts AS next_ts, x.error_code AS next_error
    FROM hit AS h
    ASOF LEFT JOIN replay_bad AS e ON e.number = h.number AND e.connector = h.connector AND h.ts >= e.ts
    ASOF LEFT JOIN replay_stretch AS n
        ON n.class = h.class AND n.number = h.number AND n.connector = h.connector AND h.good_ts <= n.from_ts
    LEFT JOIN replay_bad AS x ON x.number = h.number AND x.connector = h.connector AND x.ts = n.from_ts
)
SELECT j.* EXCLUDE (next_ts, next_error), b.identity,
    healed AND coalesce(next_ts <= good_ts + INTERVAL 1 DAY AND next_error IS NOT DISTINCT FROM error_code, false) AS again
FROM judged AS j ASOF LEFT JOIN replay_boot AS b ON b.number = j.number AND j.ts >= b.ts;

-- Grain: one row per decision. outcome: healed_by_reset, recovered (by itself, or long after a reset),
-- stayed_bad. Of several real resets the one that healed counts, otherwise the first.
-- Units: seconds; saved_s is at most, 0 where a reset could not have helped.
CREATE OR REPLACE TEMP TABLE replay_reality AS
WITH after AS (
    SELECT o.decision, arg_max(e, (e.healed, -epoch_us(e.ts))) AS reset, count(*) AS resets
    FROM replay_outlook AS o JOIN replay_effect AS e
        ON e.class = o.class AND e.number = o.number AND e.connector = o.connector
        AND e.ts >= o.ts AND (o.good_ts IS NULL OR e.ts < o.good_ts)
    GROUP BY o.decision
)
SELECT o.decision, a.reset, coalesce(a.resets, 0) AS resets,
    CASE WHEN o.good_ts IS NULL THEN 'stayed_bad' WHEN a.reset.healed THEN 'healed_by_reset' ELSE 'recovered' END AS outcome,
    epoch(coalesce(o.good_ts, s.end_ts)) - epoch(o.from_ts) AS stuck_s,
    CASE WHEN len(list_intersect(o.outlooks, ['futile_physical', 'futile_inoperative', 'undeliverable'])) > 0 THEN 0
         ELSE epoch(coalesce(o.good_ts, s.end_ts)) - epoch(o.ts) END AS saved_s
FROM replay_outlook AS o CROSS JOIN replay_span AS s LEFT JOIN after AS a USING (decision);

-- Grain: one row per policy, model, error and how resets ended that really happened.
CREATE OR REPLACE TEMP VIEW replay_record AS
SELECT p.policy, i.vendor, i.model, e.error_code, count(DISTINCT e.event_id) AS resets,
    count(DISTINCT e.event_id) FILTER (answer = 'Accepted') AS accepted,
    count(DISTINCT e.event_id) FILTER (boot_ts IS NOT NULL) AS booted,
    count(DISTINCT e.event_id) FILTER (healed) AS healed, count(DISTINCT e.event_id) FILTER (again) AS again
FROM replay_effect AS e JOIN replay_policy AS p USING (class) LEFT JOIN replay_identity AS i USING (identity)
GROUP BY ALL;

-- Stretches that ended, or a station that booted, within ten minutes of the threshold; and runs of
-- stretches below it, at most ten minutes apart, that together last as long.
-- Grain: one row per near miss. seconds: from the threshold on, negative before it.
CREATE OR REPLACE TEMP TABLE replay_near AS
WITH stretch AS (
    SELECT p.policy, p.dwell_us, s.*, s.from_ts + to_microseconds(p.dwell_us) AS due_ts,
        coalesce(c.multi AND s.connector <> 0, false) AS never
    FROM replay_stretch AS s JOIN replay_policy AS p USING (class)
    ASOF LEFT JOIN replay_circumstance AS c ON c.number = s.number AND s.from_ts >= c.from_ts
),
close_call AS (
    SELECT s.policy, s.stretch, s.number, s.connector, s.due_ts, b.ts AS boot_ts, s.good_ts
    FROM (SELECT *, due_ts - INTERVAL 10 MINUTE AS near_ts FROM stretch WHERE NOT never) AS s
    ASOF LEFT JOIN replay_boot AS b ON b.number = s.number AND s.near_ts <= b.ts
),
chained AS (
    SELECT *, coalesce(from_ts > lag(good_ts) OVER w + INTERVAL 10 MINUTE, true) AS begins
    FROM stretch WHERE NOT never AND good_ts IS NOT NULL AND good_ts < due_ts
    WINDOW w AS (PARTITION BY policy, number, connector ORDER BY from_ts)
),
chain AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY policy, number, connector ORDER BY from_ts) AS run FROM chained
)
SELECT policy, number, connector, due_ts AS ts,
    CASE WHEN boot_ts <= due_ts + INTERVAL 10 MINUTE AND (good_ts IS NULL OR boot_ts <= good_ts + INTERVAL 5 MINUTE)
         THEN 'rebooted' ELSE 'recovered' END AS kind,
    CASE kind WHEN 'rebooted' THEN epoch(boot_ts) - epoch(due_ts) ELSE epoch(good_ts) - epoch(due_ts) END AS seconds,
    1 AS stretches
FROM close_call
WHERE abs(epoch(good_ts) - epoch(due_ts)) <= 600
    OR (boot_ts <= due_ts + INTERVAL 10 MINUTE AND (good_ts IS NULL OR boot_ts <= good_ts + INTERVAL 5 MINUTE))
UNION ALL
SELECT policy, number, connector, min(from_ts), 'flapping', epoch(max(good_ts)) - epoch(min(from_ts)) - any_value(dwell_us) / 1e6, count(*)
FROM chain GROUP BY policy, number, connector, run
HAVING count(*) >= 2 AND epoch(max(good_ts)) - epoch(min(from_ts)) >= any_value(dwell_us) / 1e6;

-- Grain: one row per policy: sums over its decisions. Units: seconds; of a stretch with several
-- decisions the most that one could have saved counts.
CREATE OR REPLACE TEMP VIEW replay_summary AS
WITH stretch AS (
    SELECT o.policy, o.number, o.connector, o.from_ts, max(r.stuck_s) AS stuck_s, max(r.saved_s) AS saved_s
    FROM replay_outlook AS o JOIN replay_reality AS r USING (decision) GROUP BY ALL
),
hours AS (SELECT policy, sum(stuck_s) AS stuck_s, sum(saved_s) AS saved_s FROM stretch GROUP BY ALL),
made AS (
    SELECT policy, count(*) AS decisions, count(DISTINCT number) AS stations,
        count(*) FILTER (len(outlooks) = 0) AS may_heal,
        count(*) FILTER (outlooks[1] = 'futile_physical') AS futile_physical,
        count(*) FILTER (outlooks[1] = 'futile_inoperative') AS futile_inoperative,
        count(*) FILTER (outlooks[1] = 'dangerous_firmware_update') AS dangerous_firmware_update,
        count(*) FILTER (outlooks[1] = 'costly_transaction') AS costly_transaction,
        count(*) FILTER (outlooks[1] = 'undeliverable') AS undeliverable
    FROM replay_outlook GROUP BY ALL
),
near AS (SELECT policy, count(*) AS near_misses FROM replay_near GROUP BY ALL)
SELECT p.policy, coalesce(m.decisions, 0) AS decisions, coalesce(m.stations, 0) AS stations,
    coalesce(m.may_heal, 0) AS may_heal, coalesce(m.futile_physical, 0) AS futile_physical,
    coalesce(m.futile_inoperative, 0) AS futile_inoperative,
    coalesce(m.dangerous_firmware_update, 0) AS dangerous_firmware_update,
    coalesce(m.costly_transaction, 0) AS costly_transaction, coalesce(m.undeliverable, 0) AS undeliverable,
    coalesce(h.stuck_s, 0) AS stuck_s, coalesce(h.saved_s, 0) AS saved_s, coalesce(n.near_misses, 0) AS near_misses
FROM replay_policy AS p LEFT JOIN made AS m USING (policy) LEFT JOIN hours AS h USING (policy)
LEFT JOIN near AS n USING (policy);
