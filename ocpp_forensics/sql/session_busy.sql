-- Whether the drops of cellular stations cluster at a time of day.
-- Grain: one row per cellular station that lost connections in the fleet's three busiest hours (of all
-- cellular stations; event_id: its first loss in them). Reads: lost, station, event. UTC. An hour in which a
-- station lost any number of connections counts once; restarts and losses of many stations at once do
-- not count. busy_share: share of those hours that lie in the three busiest hours of the day;
-- usual_share: what an even spread over the hours with logs would give; sigmas: how far apart they are.

CREATE OR REPLACE TABLE scratch.bad_hour AS
SELECT l.station, epoch_us(l.ts) // 3600000000 AS hour, arg_min(l.event_id, l.ts) AS event_id, min(l.ts) AS ts
FROM lost AS l JOIN station AS s USING (station)
WHERE s.link = 'cellular' AND NOT l.orderly AND NOT l.station_restarted AND l.together < 3
GROUP BY ALL;

CREATE TABLE busy AS
WITH logged AS (SELECT DISTINCT epoch_us(ts) // 3600000000 AS hour FROM event WHERE ts IS NOT NULL),
three AS (SELECT start, (start + plus) % 24 AS hour_of_day FROM range(24) AS a(start), range(3) AS b(plus)),
exposed AS (
    SELECT start, count(*) / (SELECT count(*) FROM logged) AS usual_share
    FROM logged JOIN three ON hour_of_day = hour % 24 GROUP BY start
),
hit AS (
    SELECT start, count(*) AS hits, count(DISTINCT hour // 24) AS days
    FROM bad_hour JOIN three ON hour_of_day = hour % 24 GROUP BY start
),
best AS (
    SELECT start, days, hits / total AS busy_share, usual_share, total,
        (hits - total * usual_share) / sqrt(total * usual_share * (1 - usual_share)) AS sigmas
    FROM hit JOIN exposed USING (start), (SELECT count(*) AS total FROM bad_hour)
    WHERE usual_share < 1
    QUALIFY row_number() OVER (ORDER BY sigmas DESC, start) = 1
),
own AS (
    SELECT h.station, count(*) AS hours, min(h.ts) AS ts, arg_min(h.event_id, h.ts) AS event_id
    FROM bad_hour AS h JOIN three AS t ON t.hour_of_day = h.hour % 24 JOIN best AS b ON b.start = t.start
    GROUP BY h.station
)
SELECT row_number() OVER (ORDER BY o.station) AS busy_id, o.station, o.ts, order_of(o.ts, 8, o.event_id) AS ord,
    o.event_id, o.hours, b.total AS bad_hours, b.days, b.busy_share, b.usual_share, b.sigmas,
    printf('%02d:00 to %02d:00 UTC', b.start, (b.start + 3) % 24) AS busy_time
FROM own AS o, best AS b;
