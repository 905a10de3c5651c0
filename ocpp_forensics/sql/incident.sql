-- Incidents: the episodes of one root cause over all stations that it affected, consequences included.
-- Grain of incident_episode: one row per episode and incident. Grain of incident_group: one row per
-- incident. Reads: verdict, wave_station. A station counts to the variant that most of its episodes
-- of that cause have, so that it stands in one incident of a cause only. Episodes without a cause
-- become an incident where a station has three of them or is away for five minutes.
-- continues: failed attempts right after a loss of the same cause, or of a wave: the same episode to
-- the user.
-- follows: the episode is a consequence of the incident's cause and has one of its own.

CREATE OR REPLACE TEMP TABLE judged AS
WITH counted AS (
    SELECT station, cause, variant, count(*) AS episodes FROM verdict GROUP BY ALL
),
typical AS (
    SELECT station, cause, arg_max(variant, (episodes, variant)) AS station_variant
    FROM counted WHERE cause IS NOT NULL GROUP BY ALL
)
SELECT v.*, CASE WHEN v.root = v.cause THEN t.station_variant ELSE v.root_variant END AS station_variant,
    coalesce(v.root <> v.cause, false) AS follows,
    coalesce(v.absorbed, false) OR coalesce(v.stream = 'failed' AND v.cause = lag(v.cause) OVER w AND lag(v.stream) OVER w = 'lost'
        AND v.ts - lag(v.ts) OVER w <= INTERVAL 5 MINUTE, false) AS continues
FROM verdict AS v LEFT JOIN typical AS t
    ON t.station IS NOT DISTINCT FROM v.station AND t.cause = v.cause
WHERE v.cause IS NOT NULL OR v.station IN (
    SELECT station FROM verdict WHERE cause IS NULL
    GROUP BY station HAVING count(*) >= 3 OR sum(down_s) >= 300
)
WINDOW w AS (PARTITION BY v.station ORDER BY v.ts, v.stream DESC);

CREATE OR REPLACE TABLE incident_episode AS
SELECT dense_rank() OVER (ORDER BY j.root NULLS LAST, j.station_variant NULLS LAST,
        CASE WHEN j.root IS NULL THEN j.symptom END) AS number,
    j.*, coalesce(j.station, w.station) AS affected
FROM judged AS j LEFT JOIN wave_station AS w ON j.stream = 'wave' AND w.wave_id = j.episode;

CREATE OR REPLACE TEMP TABLE incident_group AS
WITH sized AS (
    SELECT * FROM incident_episode WHERE stream <> 'wave'
    UNION ALL
    SELECT DISTINCT ON (number, episode) * FROM incident_episode WHERE stream = 'wave'
),
summed AS (
    SELECT number, any_value(root) AS cause, arg_min(symptom, (ts, stream)) FILTER (NOT follows) AS symptom,
        arg_min(stream, (ts, stream)) FILTER (NOT follows) AS stream, any_value(station_variant) AS variant,
        arg_min(signature, (ts, stream)) FILTER (NOT follows) AS signature,
        min(ts) AS first_ts, max(end_ts) AS last_ts, count(*) FILTER (NOT continues AND NOT follows) AS episodes,
        sum(size) FILTER (NOT follows AND NOT absorbed) AS occurrences,
        sum(down_s) FILTER (NOT follows AND NOT absorbed) AS down_s,
        median(score) FILTER (NOT follows) AS score, median(margin) FILTER (NOT follows) AS margin,
        nullif(mode(coalesce(runner_up, '') ORDER BY coalesce(runner_up, '')) FILTER (NOT follows), '') AS runner_up, avg(ambiguous::INTEGER) FILTER (NOT follows) AS ambiguous_share,
        bool_or(stream = 'wave') AS fleet, list(DISTINCT signature ORDER BY signature) FILTER (follows) AS followers,
        list(DISTINCT runner_up ORDER BY runner_up) FILTER (ambiguous) AS rivals
    FROM sized GROUP BY number
)
SELECT *
FROM summed JOIN (
    SELECT number, list(DISTINCT affected ORDER BY affected) FILTER (affected IS NOT NULL) AS stations
    FROM incident_episode GROUP BY number
) USING (number);

-- The causes that led to each other. Grain: one row per incident and cause of its chains.
CREATE OR REPLACE TEMP TABLE incident_chain AS
WITH unrolled AS (
    SELECT number, unnest(chain) AS cause, generate_subscripts(chain, 1) AS place FROM incident_episode
),
shown AS (
    SELECT number, stream, symptom, episode, affected, ts, end_ts, unnest(own_chain) AS cause FROM incident_episode
),
placed AS (SELECT number, cause, max(place) AS place FROM unrolled GROUP BY ALL)
SELECT s.number, s.cause, p.place, count(DISTINCT (s.stream, s.episode)) AS episodes,
    arg_min(s.symptom, s.ts) AS symptom, list(DISTINCT s.affected ORDER BY s.affected) FILTER (s.affected IS NOT NULL) AS stations,
    min(s.ts) AS first_ts, max(s.end_ts) AS last_ts
FROM shown AS s JOIN placed AS p ON p.number = s.number AND p.cause = s.cause
WHERE s.number IN (SELECT number FROM placed GROUP BY number HAVING count(*) > 1)
GROUP BY ALL;
