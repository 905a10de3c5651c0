-- What the ends of a station's connections have in common: the same silence, quiet or age, or the same
-- time of day, and the known timer that it is.
-- Grain of lost: one row per ended connection. Reads: loss, known_timer, station. Units: seconds, UTC.
--
-- A timer ends every connection that reaches it. So a length of time that comes again and again is a
-- timer where none, or few, of the station's connections went beyond it; those that ended earlier had
-- another cause and say nothing. *_same is the share of those that ended then among those that came
-- that far; a length that comes no more often than its neighbours is no rhythm: there *_same is the
-- share among all drops.

-- How far two lengths may lie apart to be the same timer.
CREATE OR REPLACE MACRO tolerance_of(value) AS greatest(1.5, 0.03 * value);

-- Grain: one row per ended connection and measure. near: drops within the tolerance, this one
-- included; expected: how many there would be if the neighbourhood were even.
CREATE OR REPLACE TABLE scratch.rhythm AS
WITH measured AS (
    SELECT lost_id, station, unnest(['silence', 'idle', 'age']) AS measure,
        unnest([silence_s, idle_s, age_s]) AS value
    FROM loss
),
counted AS (
    SELECT *, count(*) OVER (PARTITION BY station, measure ORDER BY value
            RANGE BETWEEN tolerance_of(value) PRECEDING AND tolerance_of(value) FOLLOWING) AS near,
        count(*) OVER (PARTITION BY station, measure ORDER BY value
            RANGE BETWEEN 6 * tolerance_of(value) PRECEDING AND 6 * tolerance_of(value) FOLLOWING) AS around
    FROM measured WHERE value IS NOT NULL
),
judged AS (
    SELECT *, (around - near) / 5 AS expected, near >= 3 AND near >= 3 + 2 * (around - near) / 5 AS regular
    FROM counted
),
compared AS (
    SELECT *, count(*) OVER (PARTITION BY station, measure) AS drops,
        count(*) FILTER (NOT regular) OVER (PARTITION BY station, measure)
        - count(*) FILTER (NOT regular) OVER (PARTITION BY station, measure ORDER BY value
            RANGE BETWEEN UNBOUNDED PRECEDING AND tolerance_of(value) FOLLOWING) AS beyond
    FROM judged
)
SELECT lost_id, measure, regular, near, CASE WHEN regular THEN near / (near + beyond) ELSE near / drops END AS same
FROM compared;

-- Grain: one row per ended connection and measure: the known timers of proxies and networks that the
-- silence can be, and those that end connections by their age.
CREATE OR REPLACE TABLE scratch.known_length AS
SELECT l.lost_id,
    string_agg(DISTINCT t.who, ', ' ORDER BY t.who) FILTER (t.measures = 'silence') AS silence_timer,
    string_agg(DISTINCT t.who, ', ' ORDER BY t.who) FILTER (t.measures = 'age') AS age_timer
FROM loss AS l JOIN known_timer AS t ON t.role IN ('proxy', 'network')
    AND CASE t.measures WHEN 'silence' THEN l.silence_s WHEN 'age' THEN l.age_s END BETWEEN t.low_s AND t.high_s
GROUP BY ALL;

-- Grain: one row per ended connection: on how many days one ended within three minutes of this time of
-- day. Ends near midnight are counted with those on its other side.
CREATE OR REPLACE TABLE scratch.daily AS
WITH clock AS (
    SELECT lost_id, station, epoch_us(ts) % 86400000000 / 1000000 AS time_s, epoch_us(ts) // 86400000000 AS day, true AS own FROM loss
),
wrapped AS (
    SELECT * FROM clock
    UNION ALL SELECT lost_id, station, time_s + 86400, day - 1, false FROM clock WHERE time_s < 180
    UNION ALL SELECT lost_id, station, time_s - 86400, day + 1, false FROM clock WHERE time_s >= 86220
)
SELECT lost_id, days FROM (
    SELECT lost_id, own, count(DISTINCT day) OVER (PARTITION BY station ORDER BY time_s
        RANGE BETWEEN 180 PRECEDING AND 180 FOLLOWING) AS days
    FROM wrapped
)
WHERE own;

CREATE TABLE lost AS
SELECT l.*, coalesce(s.same, 0) AS silence_same, coalesce(i.same, 0) AS idle_same, coalesce(a.same, 0) AS age_same,
    k.silence_timer, k.age_timer, d.days AS same_time_days,
    date_diff('day', t.first_ts, t.last_ts) + 1 AS days_seen
FROM loss AS l JOIN daily AS d USING (lost_id) LEFT JOIN station AS t USING (station)
LEFT JOIN known_length AS k USING (lost_id)
LEFT JOIN rhythm AS s ON s.lost_id = l.lost_id AND s.measure = 'silence'
LEFT JOIN rhythm AS i ON i.lost_id = l.lost_id AND i.measure = 'idle'
LEFT JOIN rhythm AS a ON a.lost_id = l.lost_id AND a.measure = 'age';
