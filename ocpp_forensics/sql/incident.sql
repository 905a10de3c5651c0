-- Incidents: the episodes of one cause over all stations that it affected.
-- Grain of incident_episode: one row per episode and incident. Grain of incident_group: one row per
-- incident. Reads: verdict, wave_station. A station counts to the variant that most of its episodes
-- of that cause have, so that it stands in one incident of a cause only. Episodes without a cause
-- become an incident where a station has three of them or is away for five minutes.
-- continues: failed attempts right after a loss of the same cause, the same episode to the user.

CREATE OR REPLACE TEMP TABLE judged AS
WITH counted AS (
    SELECT station, cause, variant, count(*) AS episodes FROM verdict GROUP BY ALL
),
typical AS (
    SELECT station, cause, arg_max(variant, (episodes, variant)) AS station_variant
    FROM counted WHERE cause IS NOT NULL GROUP BY ALL
)
SELECT v.*, t.station_variant,
    coalesce(v.stream = 'failed' AND v.cause = lag(v.cause) OVER w AND lag(v.stream) OVER w = 'lost'
        AND v.ts - lag(v.ts) OVER w <= INTERVAL 5 MINUTE, false) AS continues
FROM verdict AS v LEFT JOIN typical AS t
    ON t.station IS NOT DISTINCT FROM v.station AND t.cause = v.cause
WHERE v.cause IS NOT NULL OR v.station IN (
    SELECT station FROM verdict WHERE cause IS NULL
    GROUP BY station HAVING count(*) >= 3 OR sum(down_s) >= 300
)
WINDOW w AS (PARTITION BY v.station ORDER BY v.ts, v.stream DESC);

CREATE OR REPLACE TABLE incident_episode AS
SELECT dense_rank() OVER (ORDER BY j.cause NULLS LAST, j.station_variant NULLS LAST,
        CASE WHEN j.cause IS NULL THEN j.symptom END) AS number,
    j.*, coalesce(j.station, w.station) AS affected
FROM judged AS j LEFT JOIN wave_station AS w ON j.stream = 'wave' AND w.wave_id = j.episode;

CREATE OR REPLACE TEMP TABLE incident_group AS
WITH sized AS (
    SELECT DISTINCT ON (number, stream, episode) * FROM incident_episode
)
SELECT s.number, any_value(cause) AS cause, arg_min(symptom, (ts, stream)) AS symptom, arg_min(stream, (ts, stream)) AS stream,
    any_value(station_variant) AS variant, arg_min(signature, (ts, stream)) AS signature,
    min(ts) AS first_ts, max(end_ts) AS last_ts, count(*) FILTER (NOT continues) AS episodes, sum(size) AS occurrences,
    sum(down_s) AS down_s, median(score) AS score, median(margin) AS margin,
    avg(ambiguous::INTEGER) AS ambiguous_share,
    list(DISTINCT runner_up ORDER BY runner_up) FILTER (ambiguous) AS rivals, any_value(t.stations) AS stations
FROM sized AS s JOIN (
    SELECT number, list(DISTINCT affected ORDER BY affected) FILTER (affected IS NOT NULL) AS stations
    FROM incident_episode GROUP BY number
) AS t USING (number)
GROUP BY s.number;
