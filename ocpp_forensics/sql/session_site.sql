-- Which stations lost their connections together with others behind the same client address.
-- Grain: one row per ended connection. Reads: connection, station, ending_traffic. Units: seconds, UTC.
-- site_stations: stations behind the address; site_lost: those of them whose paths were cut at one time;
-- elsewhere, elsewhere_lost: the same for all other stations; site_cut: at least four of five of the
-- site, two or more, and next to none elsewhere; or, where no address is known, three or more, at most
-- two of three; and more than chance would bring together.

-- Stations behind one client address are a site, where there are other addresses or it is a public one:
-- a private one that all have may be a proxy's. A station whose address changes belongs to none.
CREATE OR REPLACE TEMP TABLE addressed AS
SELECT station, any_value(client_address) AS address, count(DISTINCT client_address) AS addresses
FROM connection WHERE client_address IS NOT NULL
GROUP BY station;

CREATE OR REPLACE TEMP TABLE site AS
WITH single AS (SELECT station, address FROM addressed WHERE addresses = 1)
SELECT * FROM single
WHERE (SELECT count(DISTINCT address) FROM single) > 1
    OR NOT regexp_matches(address, '^(?:10|127|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.|:');

-- When each path was cut, at the earliest and at the latest: after something had crossed it, before
-- anybody noticed. Of stations that spend a fifth of their time in such doubt only the notice counts.
CREATE OR REPLACE TEMP TABLE cut AS
WITH doubt AS (
    SELECT c.connection_id, c.station, c.close_ts, coalesce(least(t.csms_heard_s, t.station_heard_s, 180.0), 0) AS doubt_s,
        greatest(epoch(s.last_ts) - epoch(s.first_ts), 1) AS span_s
    FROM connection AS c JOIN ending_traffic AS t USING (connection_id) JOIN station AS s ON s.station = c.station
    WHERE c.close_ts IS NOT NULL
),
judged AS (
    SELECT * REPLACE (CASE WHEN sum(doubt_s) OVER (PARTITION BY station) < 0.2 * span_s THEN doubt_s ELSE 0 END AS doubt_s)
    FROM doubt
)
SELECT d.*, a.address, d.close_ts - to_microseconds((d.doubt_s * 1e6)::BIGINT) AS from_ts
FROM judged AS d LEFT JOIN site AS a USING (station);

-- How many of these stretches had begun, and ended, by an instant: in all and behind one address.
CREATE OR REPLACE TEMP MACRO stretches(edge) AS TABLE
SELECT DISTINCT ts, address, count(*) OVER (ORDER BY ts) AS number, count(*) OVER (PARTITION BY address ORDER BY ts) AS number_here
FROM (SELECT address, CASE edge WHEN 'begin' THEN from_ts ELSE close_ts END AS ts FROM cut);

-- Two of them are together with no more than 10 s in between.
CREATE OR REPLACE TEMP TABLE together AS
SELECT c.*, coalesce(b.number, 0) - coalesce(e.number, 0) AS all_lost,
    coalesce(bh.number_here, 0) - coalesce(eh.number_here, 0) AS here_lost
FROM (SELECT *, from_ts - INTERVAL 10 SECOND AS since_ts, close_ts + INTERVAL 10 SECOND AS until_ts FROM cut) AS c
ASOF LEFT JOIN stretches('begin') AS b ON c.until_ts >= b.ts
ASOF LEFT JOIN stretches('end') AS e ON c.since_ts > e.ts
ASOF LEFT JOIN stretches('begin') AS bh ON bh.address = c.address AND c.until_ts >= bh.ts
ASOF LEFT JOIN stretches('end') AS eh ON eh.address = c.address AND c.since_ts > eh.ts;

-- How many stretches of others would be together with this one by chance. A station whose address is
-- not known is compared with all.
CREATE OR REPLACE TEMP TABLE neighbour AS
WITH own AS (SELECT station, count(*) AS cuts, sum(doubt_s) AS doubt_s FROM cut GROUP BY station),
sized AS (
    SELECT a.address, count(*) AS stations, sum(o.cuts) AS cuts, sum(o.doubt_s) AS doubt_s
    FROM site AS a LEFT JOIN own AS o USING (station) GROUP BY a.address
    UNION ALL
    SELECT NULL, (SELECT count(*) FROM station), sum(cuts), sum(doubt_s) FROM own
),
compared AS (
    SELECT t.connection_id, t.address IS NOT NULL AS known, z.stations,
        least(CASE WHEN t.address IS NULL THEN t.all_lost ELSE t.here_lost END, z.stations) AS lost,
        CASE WHEN t.address IS NULL THEN 0 ELSE t.all_lost - t.here_lost END AS elsewhere_lost,
        (SELECT count(*) FROM site) - z.stations AS elsewhere,
        ((z.cuts - o.cuts) * (t.doubt_s + 20) + z.doubt_s - o.doubt_s) / t.span_s AS by_chance
    FROM together AS t JOIN own AS o USING (station) JOIN sized AS z ON z.address IS NOT DISTINCT FROM t.address
    WHERE z.stations > 1 AND t.station NOT IN (SELECT station FROM addressed WHERE addresses > 1)
)
SELECT connection_id, CASE WHEN known THEN stations END AS site_stations, lost AS site_lost,
    CASE WHEN known THEN elsewhere END AS elsewhere, CASE WHEN known THEN elsewhere_lost END AS elsewhere_lost,
    lost - 1 >= 5 * by_chance AND CASE WHEN known
        THEN lost >= 2 AND lost >= 0.8 * stations AND elsewhere_lost <= 0.1 * elsewhere
        ELSE lost >= 3 AND 3 * lost <= 2 * stations END AS site_cut
FROM compared;
