-- For every policy: when each stretch had lasted long enough, what then stood in the way, and the
-- scans at which nothing did.
-- Reads: replay_policy (policy, class, scan_us, phase_us, dwell_us, grace_us, counts_resets),
-- replay_enabled (policy, identity, enabled), replay_stretch, replay_circumstance, replay_reset.
-- Scans are numbered: scan n is at phase_us + n * scan_us of Unix time.

CREATE OR REPLACE TEMP MACRO scan_from(ts, scan_us, phase_us) AS
    ((epoch_us(ts) - phase_us + scan_us - 1) // scan_us);
CREATE OR REPLACE TEMP MACRO scan_ts(scan, scan_us, phase_us) AS make_timestamp(phase_us + scan * scan_us);

-- Grain: one row per policy and stretch that became due.
CREATE OR REPLACE TEMP TABLE replay_due AS
SELECT p.policy, s.stretch, s.number, s.connector, s.from_ts, s.until_ts,
    s.from_ts + to_microseconds(p.dwell_us) AS due_ts
FROM replay_stretch AS s JOIN replay_policy AS p USING (class)
WHERE s.until_ts > s.from_ts + to_microseconds(p.dwell_us);

-- Grain: one row per policy, stretch and part of it behind the threshold in which one thing blocked;
-- reason is null where nothing did.
CREATE OR REPLACE TEMP TABLE replay_part AS
WITH part AS (
    SELECT d.policy, d.stretch, d.number, d.connector, greatest(c.from_ts, d.due_ts) AS from_ts,
        least(c.to_ts, d.until_ts) AS to_ts,
        CASE WHEN c.multi AND d.connector <> 0 THEN 'multi_evse'
             WHEN NOT c.up THEN 'disconnected'
             WHEN c.identity IS NULL THEN 'identity_unknown'
             WHEN NOT e.enabled THEN 'not_enabled' END AS reason
    FROM replay_due AS d
    JOIN replay_circumstance AS c
        ON c.number = d.number AND c.from_ts < d.until_ts AND c.to_ts > d.due_ts
    LEFT JOIN replay_enabled AS e ON e.policy = d.policy AND e.identity = c.identity
),
compared AS (
    SELECT *, reason IS DISTINCT FROM lag(reason) OVER w OR row_number() OVER w = 1 AS begins
    FROM part WINDOW w AS (PARTITION BY policy, stretch ORDER BY from_ts)
),
numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY policy, stretch ORDER BY from_ts) AS run FROM compared
)
SELECT policy, stretch, number, connector, reason, min(from_ts) AS from_ts, max(to_ts) AS to_ts
FROM numbered GROUP BY policy, stretch, number, connector, reason, run;

-- Grain: one row per run of scans at which a policy would fire but for its grace period.
CREATE OR REPLACE TEMP TABLE replay_window AS
SELECT w.policy, w.number, w.connector, w.stretch, scan_from(w.from_ts, p.scan_us, p.phase_us) AS first_scan,
    scan_from(w.to_ts, p.scan_us, p.phase_us) - 1 AS last_scan
FROM replay_part AS w JOIN replay_policy AS p USING (policy)
WHERE w.reason IS NULL
    AND scan_from(w.from_ts, p.scan_us, p.phase_us) < scan_from(w.to_ts, p.scan_us, p.phase_us);

-- Grain: one row per reset that a policy counts as an attempt: the scans that it rules out.
CREATE OR REPLACE TEMP TABLE replay_attempt AS
SELECT p.policy, r.number, r.ts, r.ts + to_microseconds(p.grace_us) AS to_ts,
    scan_from(r.ts, p.scan_us, p.phase_us) AS first_scan,
    scan_from(r.ts + to_microseconds(p.grace_us), p.scan_us, p.phase_us) AS free_scan
FROM replay_reset AS r CROSS JOIN replay_policy AS p WHERE p.counts_resets;
