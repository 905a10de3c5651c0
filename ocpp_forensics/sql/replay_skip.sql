-- What the policies decided, and why they did not.
-- Reads: replay_fired (policy, stretch, scan), replay_policy, replay_stretch, replay_due, replay_part,
-- replay_attempt.

-- Grain: one row per policy and decision.
CREATE OR REPLACE TEMP TABLE replay_decision AS
SELECT row_number() OVER (ORDER BY f.policy, f.scan, s.number) AS decision, f.policy, s.class, f.stretch,
    s.number, s.connector, scan_ts(f.scan, p.scan_us, p.phase_us) AS ts, s.from_ts, s.from_event, s.until_ts,
    s.good_ts, s.good_event
FROM replay_fired AS f JOIN replay_stretch AS s USING (stretch) JOIN replay_policy AS p USING (policy);

-- Grain: one row per policy, station and stretch of time after an attempt in which no other may follow.
CREATE OR REPLACE TEMP TABLE replay_grace AS
WITH attempt AS (
    SELECT d.policy, d.number, d.ts AS from_ts, d.ts + to_microseconds(p.grace_us) AS to_ts
    FROM replay_decision AS d JOIN replay_policy AS p USING (policy)
    UNION ALL SELECT policy, number, ts, to_ts FROM replay_attempt
),
compared AS (
    SELECT *, coalesce(from_ts >= max(to_ts) OVER (
        PARTITION BY policy, number ORDER BY from_ts, to_ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        true) AS begins
    FROM attempt
),
numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY policy, number ORDER BY from_ts, to_ts) AS run FROM compared
)
SELECT policy, number, min(from_ts) AS from_ts, max(to_ts) AS to_ts
FROM numbered GROUP BY policy, number, run;

-- Grain: one row per policy, stretch and part of it in which one condition blocked. `recovered`: from
-- the end of a stretch that never became due to the scan at which it would have been.
CREATE OR REPLACE TEMP VIEW replay_skip AS
SELECT p.policy, s.stretch, s.number, s.connector, 'dwell' AS reason, s.from_ts,
    least(s.until_ts, s.from_ts + to_microseconds(p.dwell_us)) AS to_ts
FROM replay_stretch AS s JOIN replay_policy AS p USING (class) WHERE p.dwell_us > 0
UNION ALL
SELECT policy, stretch, number, connector, reason, from_ts, to_ts FROM replay_part WHERE reason IS NOT NULL
UNION ALL
SELECT w.policy, w.stretch, w.number, w.connector, 'grace', greatest(w.from_ts, g.from_ts),
    least(w.to_ts, g.to_ts)
FROM replay_part AS w JOIN replay_grace AS g ON g.policy = w.policy AND g.number = w.number
    AND g.from_ts < w.to_ts AND g.to_ts > w.from_ts AND g.to_ts > g.from_ts
WHERE w.reason IS NULL
UNION ALL
SELECT p.policy, s.stretch, s.number, s.connector, 'recovered', s.to_ts,
    scan_ts(scan_from(s.from_ts + to_microseconds(p.dwell_us), p.scan_us, p.phase_us), p.scan_us, p.phase_us)
FROM replay_stretch AS s JOIN replay_policy AS p USING (class)
WHERE s.to_ts <= scan_ts(
    scan_from(s.from_ts + to_microseconds(p.dwell_us), p.scan_us, p.phase_us), p.scan_us, p.phase_us);
