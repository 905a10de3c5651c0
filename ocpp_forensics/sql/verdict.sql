-- The verdict on every episode of a symptom: its cause, how clearly it won, and what led to it.
-- Grain: one row per episode. Reads: lost, failed, away, stuck, wave, trouble, candidate, signature_cause
-- (signature, cause, consequence_of). Units: seconds, UTC. size: rows of the episode (attempts of a run);
-- down_s: how long the station was away; cause is null where nothing explains the episode.
-- A cause needs a score of 3; one that wins by less than 2 is ambiguous, unless one of the two causes
-- is declared to be a consequence of the other: then the earlier one wins.
-- absorbed: failed attempts that are part of a wave; own_chain: the causes that one episode shows, in
-- their order; chain: the same with those of the episodes that led to it before; root: the cause of the
-- episode that began it.

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
        count(*) / any_value(e.size) AS share, mode(c.variant ORDER BY c.variant) AS variant, min(c.row_id) AS row_id
    FROM candidate AS c JOIN signature_cause AS s USING (signature)
    JOIN episode AS e ON e.stream = c.stream AND e.episode = c.episode
    WHERE c.known
    GROUP BY c.stream, c.episode, c.signature, s.cause
)
SELECT *, row_number() OVER (PARTITION BY stream, episode, cause ORDER BY score DESC, signature) AS place_in_cause
FROM scored WHERE share >= 0.5 OR stream = 'wave';

-- Two candidate causes of one episode of which the later is declared to be a consequence of the earlier.
CREATE OR REPLACE TEMP TABLE linked AS
SELECT l.stream, l.episode, e.cause AS earlier, l.cause AS later
FROM weighed AS l JOIN signature_cause AS s USING (signature)
JOIN weighed AS e ON e.stream = l.stream AND e.episode = l.episode AND list_contains(s.consequence_of, e.cause)
WHERE e.place_in_cause = 1 AND l.place_in_cause = 1;

CREATE OR REPLACE TEMP TABLE judgement AS
WITH causes AS (
    SELECT *, row_number() OVER (PARTITION BY stream, episode ORDER BY score DESC, signature) AS place,
        max(score) OVER (PARTITION BY stream, episode) AS best
    FROM weighed WHERE place_in_cause = 1 AND score >= 3
),
-- What led to the best cause wins where it is about as well supported.
led AS (
    SELECT c.stream, c.episode, c.cause FROM causes AS c
    JOIN causes AS b ON b.stream = c.stream AND b.episode = c.episode AND b.place = 1
    JOIN linked AS l ON l.stream = c.stream AND l.episode = c.episode AND l.earlier = c.cause AND l.later = b.cause
    WHERE c.best - c.score < 2
),
winner AS (
    SELECT DISTINCT ON (c.stream, c.episode) c.*
    FROM causes AS c LEFT JOIN led AS d ON d.stream = c.stream AND d.episode = c.episode AND d.cause = c.cause
    WHERE c.place = 1 OR d.cause IS NOT NULL
    ORDER BY c.stream, c.episode, d.cause IS NULL, c.place
),
rival AS (
    SELECT DISTINCT ON (c.stream, c.episode) c.stream, c.episode, c.cause, c.score
    FROM causes AS c JOIN winner AS w ON w.stream = c.stream AND w.episode = c.episode AND w.cause <> c.cause
    WHERE NOT EXISTS (SELECT 1 FROM linked AS l WHERE l.stream = c.stream AND l.episode = c.episode
        AND ((l.earlier = c.cause AND l.later = w.cause) OR (l.earlier = w.cause AND l.later = c.cause)))
    ORDER BY c.stream, c.episode, c.place
),
-- The causes of an episode that belong to the winner's chain, by how many come before each of them.
member AS (
    SELECT w.stream, w.episode, w.cause FROM winner AS w
    UNION SELECT w.stream, w.episode, l.earlier FROM winner AS w JOIN linked AS l
        ON l.stream = w.stream AND l.episode = w.episode AND l.later = w.cause
    UNION SELECT w.stream, w.episode, l.later FROM winner AS w JOIN linked AS l
        ON l.stream = w.stream AND l.episode = w.episode AND l.earlier = w.cause
),
placed AS (
    SELECT m.stream, m.episode, m.cause, count(l.earlier) AS before FROM member AS m LEFT JOIN linked AS l
        ON l.stream = m.stream AND l.episode = m.episode AND l.later = m.cause
    GROUP BY ALL
)
SELECT e.* EXCLUDE (orderly), w.cause, w.signature, w.score, w.variant, r.cause AS runner_up,
    w.score - coalesce(r.score, 0) AS margin, r.cause IS NOT NULL AND w.score - r.score < 2 AS ambiguous, p.chain
FROM episode AS e
LEFT JOIN winner AS w ON w.stream = e.stream AND w.episode = e.episode
LEFT JOIN rival AS r ON r.stream = e.stream AND r.episode = e.episode
LEFT JOIN (
    SELECT stream, episode, list(cause ORDER BY before, cause) AS chain FROM placed GROUP BY ALL
) AS p ON p.stream = e.stream AND p.episode = e.episode
WHERE w.cause IS NOT NULL OR NOT e.orderly;

-- An end that the logs tell too little of (the quiet before it is unknown: its connection began before them,
-- had a hole in them, or shows no messages) is judged like the ends of the same station that look the same,
-- where these agree: if nothing explains it, or what does so was considered and lost for those as well.
CREATE OR REPLACE TEMP TABLE likeness AS
WITH told AS (
    SELECT j.*, l.silence_s IS NULL AS unclear, l.code, l.told_by, l.initiator, l.ping_timeout, l.read_deadline
    FROM judgement AS j JOIN lost AS l ON j.stream = 'lost' AND l.lost_id = j.episode
)
SELECT DISTINCT ON (episode) * FROM (
    SELECT u.episode, k.cause, mode(k.signature ORDER BY k.signature) AS signature, median(k.score) AS score, mode(k.variant ORDER BY k.variant) AS variant,
        mode(k.runner_up ORDER BY k.runner_up) AS runner_up, median(k.margin) AS margin, avg(k.ambiguous::INTEGER) >= 0.5 AS ambiguous,
        mode(k.chain ORDER BY k.chain) AS chain, count(*) AS alike, sum(count(*)) OVER (PARTITION BY u.episode) AS all_alike,
        any_value(u.cause) AS own_cause, count(w.episode) AS considered
    FROM told AS u JOIN told AS k ON k.station = u.station AND u.unclear AND NOT k.unclear AND k.code = u.code
        AND k.told_by IS NOT DISTINCT FROM u.told_by AND k.initiator IS NOT DISTINCT FROM u.initiator
        AND k.ping_timeout = u.ping_timeout AND k.read_deadline = u.read_deadline
    LEFT JOIN weighed AS w ON w.stream = 'lost' AND w.episode = k.episode AND w.cause = u.cause AND w.place_in_cause = 1
    GROUP BY u.episode, k.cause
)
WHERE cause <> coalesce(own_cause, '') AND alike >= 3 AND alike >= 0.8 * all_alike
    AND (own_cause IS NULL OR considered >= 0.8 * alike)
ORDER BY episode, alike DESC;

UPDATE judgement SET cause = l.cause, signature = l.signature, score = l.score, variant = l.variant,
    runner_up = l.runner_up, margin = l.margin, ambiguous = l.ambiguous, chain = l.chain
FROM likeness AS l WHERE judgement.stream = 'lost' AND judgement.episode = l.episode;

-- What began a wave: the cause by which most of its stations had lost their connections, where that is
-- well supported and the wave's signature allows for it.
CREATE OR REPLACE TEMP TABLE wave_root AS
WITH before AS (
    SELECT w.episode, l.cause, l.variant, count(DISTINCT l.station) AS stations, max(l.chain) AS chain,
        mode(l.signature ORDER BY l.signature) AS signature
    FROM judgement AS w JOIN signature_cause AS s USING (signature)
    JOIN wave_station AS m ON m.wave_id = w.episode
    JOIN judgement AS l ON l.stream = 'lost' AND l.station = m.station AND list_contains(s.consequence_of, l.cause)
        AND l.ts BETWEEN w.ts - INTERVAL 10 MINUTE AND w.end_ts AND l.score >= 5
    WHERE w.stream = 'wave'
    GROUP BY ALL
)
SELECT DISTINCT ON (b.episode) b.*
FROM before AS b
WHERE 2 * b.stations >= (SELECT count(*) FROM wave_station AS m WHERE m.wave_id = b.episode)
ORDER BY b.episode, b.stations DESC, b.cause, b.variant;

-- Failed attempts of at most ten minutes are a consequence where their own signature allows for it, or
-- where nothing else explains them: of the wave that the station takes part in, or of the loss right
-- before.
CREATE OR REPLACE TABLE verdict AS
WITH short AS (
    SELECT *, stream = 'failed' AND end_ts - ts <= INTERVAL 10 MINUTE AS may_follow FROM judgement
),
storm AS (
    SELECT w.*, m.station AS member FROM judgement AS w JOIN wave_station AS m ON m.wave_id = w.episode
    WHERE w.stream = 'wave' AND w.cause IS NOT NULL
),
traced AS (
    SELECT j.*, w AS storm, p AS loss,
        may_follow AND w.cause IS NOT NULL AND j.ts <= w.end_ts + INTERVAL 1 MINUTE
            AND (j.cause IS NULL OR list_contains(s.consequence_of, w.cause)) AS in_storm,
        may_follow AND p.cause IS NOT NULL AND j.ts - p.ts <= INTERVAL 5 MINUTE
            AND (j.cause IS NULL OR list_contains(s.consequence_of, p.cause)) AS after_loss
    FROM short AS j
    ASOF LEFT JOIN storm AS w ON w.member = j.station AND j.ts + INTERVAL 30 SECOND >= w.ts
    ASOF LEFT JOIN (SELECT * FROM judgement WHERE stream = 'lost' AND cause IS NOT NULL) AS p
        ON p.station = j.station AND j.ts >= p.ts
    LEFT JOIN signature_cause AS s ON s.signature = j.signature
),
-- Each consequence takes the cause of what it follows; its own one ends the chain.
followed AS (
    SELECT * EXCLUDE (cause, signature, score, variant, runner_up, margin, ambiguous, chain, storm, loss, may_follow, in_storm, after_loss),
        CASE WHEN in_storm THEN storm.cause WHEN after_loss THEN loss.cause ELSE cause END AS cause,
        CASE WHEN in_storm THEN storm.signature WHEN after_loss THEN loss.signature ELSE signature END AS signature,
        CASE WHEN in_storm THEN storm.score WHEN after_loss THEN loss.score ELSE score END AS score,
        CASE WHEN in_storm THEN storm.variant WHEN after_loss THEN loss.variant ELSE variant END AS variant,
        CASE WHEN NOT (in_storm OR after_loss) THEN runner_up END AS runner_up,
        CASE WHEN in_storm THEN storm.margin WHEN after_loss THEN loss.margin ELSE margin END AS margin,
        coalesce(ambiguous, false) AND NOT (in_storm OR after_loss) AS ambiguous,
        chain AS own_chain, in_storm AS absorbed,
        CASE WHEN in_storm THEN list_concat(storm.chain, chain) WHEN after_loss THEN list_concat(loss.chain, chain)
             ELSE chain END AS chain,
        CASE WHEN in_storm THEN storm.episode WHEN stream = 'wave' THEN episode END AS wave_id
    FROM traced
),
-- What a station gave up at: the attempts that failed last, or its loss, where its signature allows for it.
before AS (
    SELECT a.stream, a.episode, b.cause, b.variant, b.chain, b.wave_id
    FROM (SELECT * FROM followed WHERE stream = 'away') AS a
    JOIN signature_cause AS s USING (signature)
    ASOF JOIN (SELECT * FROM followed WHERE stream IN ('lost', 'failed') AND cause IS NOT NULL) AS b
        ON b.station = a.station AND a.ts >= b.ts
    WHERE a.ts - b.end_ts <= INTERVAL 5 MINUTE AND list_has_any(s.consequence_of, b.chain)
)
SELECT f.* EXCLUDE (chain, wave_id), coalesce(r.cause, b.cause, f.cause) AS root,
    CASE WHEN r.cause IS NOT NULL THEN r.variant WHEN b.cause IS NOT NULL THEN b.variant ELSE f.variant END AS root_variant,
    list_concat(coalesce(r.chain, []), coalesce(b.chain, []), f.chain) AS chain
FROM followed AS f LEFT JOIN before AS b ON b.stream = f.stream AND b.episode = f.episode
LEFT JOIN wave_root AS r ON r.episode = coalesce(b.wave_id, f.wave_id);
