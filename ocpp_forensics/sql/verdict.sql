-- The verdict on every episode of a symptom: its cause, how clearly it won, or none.
-- Grain: one row per episode. Reads: lost, failed, away, stuck, wave, trouble, candidate, signature_cause
-- (signature, cause, consequence_of). Units: seconds, UTC. size: rows of the episode (attempts of a run);
-- down_s: how long the station was away; cause is null where nothing explains the episode.
-- A cause needs a score of 3; one that wins by less than 2 is ambiguous.

CREATE OR REPLACE TEMP TABLE episode AS
SELECT 'lost' AS stream, 'connection_lost' AS symptom, lost_id AS episode, station, ts, ts AS end_ts,
    1 AS size, greatest(coalesce(down_s, 0), 0) AS down_s, event_id, orderly
FROM lost
UNION ALL
SELECT 'failed', 'never_connected', run_id, any_value(station), min(ts), max(ts), count(*),
    epoch(coalesce(any_value(recovered_ts), max(ts))) - epoch(min(ts)), arg_min(event_id, ts), false
FROM failed GROUP BY run_id
UNION ALL
SELECT 'stuck', 'stuck_station', stuck_id, station, ts, until_ts, 1, stuck_s, event_id, false FROM stuck
UNION ALL
-- An absence that nothing explains is that of the loss before it.
SELECT 'away', 'never_connected', away_id, station, ts, until_ts, 1, away_s, event_id, true FROM away
UNION ALL
-- Trouble that nothing explains is no incident.
SELECT 'trouble', 'application_trouble', trouble_id, station, ts, until_ts, 1, 0, event_id, true FROM trouble
UNION ALL
SELECT 'wave', 'fleet_reconnect', wave_id, NULL, ts, last_ts, arrivals, epoch(last_ts) - epoch(ts), NULL, true
FROM wave;

CREATE OR REPLACE TEMP TABLE weighed AS
WITH scored AS (
    SELECT c.stream, c.episode, c.signature, s.cause, median(c.score) AS score,
        count(*) / any_value(e.size) AS share, mode(c.variant) AS variant, min(c.row_id) AS row_id
    FROM candidate AS c JOIN signature_cause AS s USING (signature)
    JOIN episode AS e ON e.stream = c.stream AND e.episode = c.episode
    WHERE c.known
    GROUP BY c.stream, c.episode, c.signature, s.cause
)
SELECT *, row_number() OVER (PARTITION BY stream, episode, cause ORDER BY score DESC, signature) AS place_in_cause
FROM scored WHERE share >= 0.5 OR stream = 'wave';

CREATE OR REPLACE TEMP TABLE judgement AS
WITH causes AS (
    SELECT *, row_number() OVER (PARTITION BY stream, episode ORDER BY score DESC, signature) AS place
    FROM weighed WHERE place_in_cause = 1 AND score >= 3
)
SELECT e.* EXCLUDE (orderly), c.cause, c.signature, c.score, c.variant, r.cause AS runner_up,
    c.score - coalesce(r.score, 0) AS margin, r.cause IS NOT NULL AND c.score - r.score < 2 AS ambiguous
FROM episode AS e
LEFT JOIN causes AS c ON c.stream = e.stream AND c.episode = e.episode AND c.place = 1
LEFT JOIN causes AS r ON r.stream = e.stream AND r.episode = e.episode AND r.place = 2
WHERE c.cause IS NOT NULL OR NOT e.orderly;

-- Failed attempts of at most ten minutes right after a loss are its consequence where their own
-- signature allows for it, or where nothing else explains them.
CREATE OR REPLACE TABLE verdict AS
WITH traced AS (
    SELECT j.*, p AS loss, p.cause IS NOT NULL AND j.stream = 'failed'
        AND j.ts - p.ts <= INTERVAL 5 MINUTE AND j.end_ts - j.ts <= INTERVAL 10 MINUTE
        AND (j.cause IS NULL OR list_contains(s.consequence_of, p.cause)) AS chained
    FROM judgement AS j
    ASOF LEFT JOIN (SELECT * FROM judgement WHERE stream = 'lost' AND cause IS NOT NULL) AS p
        ON p.station = j.station AND j.ts >= p.ts
    LEFT JOIN signature_cause AS s ON s.signature = j.signature
)
SELECT * EXCLUDE (cause, signature, score, variant, runner_up, margin, ambiguous, loss),
    CASE WHEN chained THEN loss.cause ELSE cause END AS cause,
    CASE WHEN chained THEN loss.signature ELSE signature END AS signature,
    CASE WHEN chained THEN loss.score ELSE score END AS score,
    CASE WHEN chained THEN loss.variant ELSE variant END AS variant,
    CASE WHEN NOT chained THEN runner_up END AS runner_up,
    CASE WHEN chained THEN loss.margin ELSE margin END AS margin,
    coalesce(ambiguous, false) AND NOT chained AS ambiguous
FROM traced;
