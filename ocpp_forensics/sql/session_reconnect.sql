-- How a station comes back: what its delays between failed attempts follow, and whether it does so in
-- step with others.
-- Grain: one row per station that retried (event_id: its first retry). Reads: retry. Units: seconds.
-- kind: constant, linear (a fixed step more each time) or exponential (a fixed factor more), null with
-- fewer than four retries or no run of three; first_s: the first delay of that law; step_s, growth: its
-- rise; cap_s: where the rise ends; jitter_share: spread around the law, 0.2 stands for +-20 %;
-- in_step_share: of the attempts of other stations within one delay, the share that comes within a
-- twentieth of it (a tenth is chance); companions: how many those are on average.

-- Grain: one row per delay after a failed attempt. k: 0 for the first of its run.
CREATE OR REPLACE TABLE scratch.delay AS
SELECT station, ts, run, place - 1 AS k, greatest(delay_s, 0.1) AS d, ln(greatest(delay_s, 0.1)) AS y
FROM retry WHERE place >= 1 AND delay_s IS NOT NULL;

CREATE OR REPLACE TABLE scratch.enough AS
SELECT station, count(*) AS retries, max(k) AS last_k FROM delay
GROUP BY station HAVING count(*) >= 4 AND max(k) >= 2;

-- Candidates: a rise over the delays before one place (knee), the same delay from there on.
CREATE OR REPLACE TABLE scratch.law AS
WITH knee AS (
    SELECT station, unnest(range(2, least(last_k, 14)::BIGINT + 2)) AS knee FROM enough
),
part AS (
    SELECT n.station, n.knee, regr_slope(y, k) FILTER (k < knee) AS log_slope,
        regr_intercept(y, k) FILTER (k < knee) AS log_start, regr_slope(d, k) FILTER (k < knee) AS slope,
        regr_intercept(d, k) FILTER (k < knee) AS start, avg(y) FILTER (k >= knee) AS plateau
    FROM knee AS n JOIN delay USING (station) GROUP BY ALL
)
SELECT station, 0 AS knee, 'constant' AS kind, exp(median(y)) AS first_s, 0.0 AS rise, NULL::DOUBLE AS cap_s, 1 AS terms
FROM delay JOIN enough USING (station) GROUP BY station
UNION ALL
SELECT station, knee, 'exponential', exp(log_start), exp(log_slope), exp(plateau), 2 + 2 * (plateau IS NOT NULL)::INTEGER
FROM part WHERE exp(log_slope) >= 1.25
UNION ALL
SELECT station, knee, 'linear', start, slope, exp(plateau), 2 + 2 * (plateau IS NOT NULL)::INTEGER
FROM part WHERE slope > 0 AND start > 0 AND start + slope * (knee - 1) >= 1.5 * start;

-- The law that fits best, counted against its number of terms (Bayesian information criterion).
CREATE OR REPLACE TABLE scratch.fitted AS
WITH told AS (
    SELECT l.*, d.y, d.d, CASE WHEN k >= knee AND cap_s IS NOT NULL THEN cap_s
        WHEN kind = 'constant' THEN first_s WHEN kind = 'linear' THEN first_s + rise * k
        ELSE first_s * rise ** k END AS expected
    FROM law AS l JOIN delay AS d USING (station)
),
judged AS (
    SELECT station, knee, kind, first_s, rise, cap_s,
        count(*) * ln(avg((y - ln(greatest(expected, 0.1))) ** 2) + 0.0004) + terms * ln(count(*)) AS badness,
        (quantile_cont(d / expected, 0.95) - quantile_cont(d / expected, 0.05)) / 1.8 AS jitter_share
    FROM told GROUP BY station, knee, kind, first_s, rise, cap_s, terms
)
SELECT * FROM judged QUALIFY row_number() OVER (PARTITION BY station ORDER BY badness, knee, kind) = 1;

CREATE OR REPLACE TABLE scratch.in_step AS
WITH counted AS (
    SELECT station,
        count(*) OVER (ORDER BY at_s RANGE BETWEEN near_s PRECEDING AND near_s FOLLOWING)
            - count(*) OVER (PARTITION BY station ORDER BY at_s RANGE BETWEEN near_s PRECEDING AND near_s FOLLOWING) AS near,
        count(*) OVER (ORDER BY at_s RANGE BETWEEN wide_s PRECEDING AND wide_s FOLLOWING)
            - count(*) OVER (PARTITION BY station ORDER BY at_s RANGE BETWEEN wide_s PRECEDING AND wide_s FOLLOWING) AS wide
    FROM (SELECT station, epoch(ts) AS at_s, d / 2 AS wide_s, greatest(d / 20, 0.1) AS near_s FROM delay WHERE d >= 2)
)
SELECT station, sum(near) / nullif(sum(wide), 0) AS in_step_share, avg(wide) AS companions
FROM counted GROUP BY station;

CREATE TABLE reconnect AS
WITH seen AS (
    SELECT station, min(ts) AS ts, arg_min(event_id, (ts, place)) AS event_id, count(*) AS retries,
        max(place) AS longest_run, median(delay_s) AS typical_s, max(delay_s) AS longest_s,
        max(ts) AS last_ts
    FROM retry WHERE place >= 1 AND delay_s IS NOT NULL GROUP BY ALL
)
SELECT row_number() OVER (ORDER BY s.station) AS reconnect_id, s.station, s.ts,
    order_of(s.ts, 8, s.event_id) AS ord, s.event_id, s.retries, s.longest_run, s.typical_s, s.longest_s,
    f.kind AS law, f.first_s, CASE f.kind WHEN 'linear' THEN f.rise END AS step_s,
    CASE f.kind WHEN 'exponential' THEN f.rise END AS growth, f.cap_s, f.jitter_share,
    i.in_step_share, coalesce(i.companions, 0) AS companions
FROM seen AS s LEFT JOIN fitted AS f USING (station) LEFT JOIN in_step AS i USING (station);
