-- Every scan of one station ($1), for every policy and connector that it reports.
-- Grain: one row per policy, connector and run of scans with one outcome: `fire`, what blocked, `good`,
-- or `unknown` before the first report. from_ts, to_ts: its first and last scan.
-- Reads: replay_policy, replay_span, replay_report, replay_stretch, replay_decision, replay_skip.

WITH reported AS (
    SELECT r.number, r.connector, min(r.ts) AS first_ts
    FROM replay_report AS r JOIN replay_station AS h USING (number) WHERE h.station = $1 GROUP BY ALL
),
scan AS (
    SELECT p.policy, p.class, r.*, scan_ts(n.scan, p.scan_us, p.phase_us) AS ts
    FROM replay_policy AS p CROSS JOIN reported AS r CROSS JOIN replay_span AS s,
        LATERAL (SELECT unnest(range(scan_from(s.start_ts, p.scan_us, p.phase_us),
            scan_from(s.end_ts + INTERVAL 1 MICROSECOND, p.scan_us, p.phase_us))) AS scan) AS n
),
judged AS (
    SELECT s.policy, s.connector, s.ts,
        CASE WHEN d.decision IS NOT NULL THEN 'fire' WHEN s.ts < k.to_ts THEN k.reason
             WHEN s.ts < b.until_ts THEN 'grace' WHEN s.ts >= s.first_ts THEN 'good' ELSE 'unknown' END AS outcome
    FROM scan AS s
    ASOF LEFT JOIN (SELECT * FROM replay_skip WHERE reason <> 'recovered') AS k
        ON k.policy = s.policy AND k.number = s.number AND k.connector = s.connector AND s.ts >= k.from_ts
    ASOF LEFT JOIN replay_stretch AS b
        ON b.class = s.class AND b.number = s.number AND b.connector = s.connector AND s.ts >= b.from_ts
    LEFT JOIN replay_decision AS d
        ON d.policy = s.policy AND d.number = s.number AND d.connector = s.connector AND d.ts = s.ts
),
compared AS (
    SELECT *, outcome IS DISTINCT FROM lag(outcome) OVER (PARTITION BY policy, connector ORDER BY ts) AS begins
    FROM judged
),
numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY policy, connector ORDER BY ts) AS run FROM compared
)
SELECT policy, nullif(connector // 1000, 0) AS evse, connector % 1000 AS connector, min(ts) AS from_ts,
    max(ts) AS to_ts, count(*) AS scans, outcome
FROM numbered GROUP BY policy, numbered.connector, run, outcome
ORDER BY policy, numbered.connector, from_ts;
