-- How each station came back, for the report.
-- Grain: one row per station that lost a connection or retried. Reads: lost, reconnect, queued. Units:
-- seconds. reconnects: connections after a loss; booted: those with a BootNotification; needless: those
-- with a BootNotification although the station is proved not to have restarted; came_late, never_came:
-- transaction messages of offline stretches.

CREATE VIEW comeback AS
WITH back AS (
    SELECT station, count(*) FILTER (next_known) AS reconnects, count(*) FILTER (booted_next) AS booted,
        count(*) FILTER (booted_next AND boot_proof IS NOT NULL AND NOT reset_ordered AND NOT firmware_changed) AS needless
    FROM lost GROUP BY station
),
kept AS (
    SELECT station, count(*) FILTER (delivered) AS came_late, sum(missing)::BIGINT AS never_came FROM queued GROUP BY station
)
SELECT station, coalesce(b.reconnects, 0) AS reconnects, coalesce(b.booted, 0) AS booted, coalesce(b.needless, 0) AS needless,
    coalesce(k.came_late, 0) AS came_late, coalesce(k.never_came, 0) AS never_came, coalesce(r.retries, 0) AS retries,
    r.law, round(r.typical_s, 3) AS typical_s, round(r.longest_s, 3) AS longest_s, round(r.first_s, 3) AS first_s,
    round(r.step_s, 3) AS step_s, round(r.growth, 3) AS growth, round(r.cap_s, 3) AS cap_s,
    round(r.jitter_share, 3) AS jitter_share, round(r.in_step_share, 3) AS in_step_share
FROM back AS b FULL JOIN reconnect AS r USING (station) LEFT JOIN kept AS k USING (station);
