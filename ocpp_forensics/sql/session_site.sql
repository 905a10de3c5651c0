-- Which stations lost their connections together with others behind the same client address.
-- Grain: one row per ended connection. Reads: connection, station, ending_traffic. Units: seconds, UTC.
-- site_stations: stations behind the address; site_lost: those of them whose paths were cut at one time;
-- elsewhere, elsewhere_lost: the same for all other stations; site_cut: at least four of five of the
-- site, two or more, and next to none elsewhere; or, where no address is known, three or more, at most
-- two of three; and more than chance would bring together. closed_between: the station received a close
-- frame that the CSMS did not send; site_closed: so did another one of the site. site_down,
-- site_unreachable: stations of the site, or equipment that belongs to none, tell that the network went
-- down; that there was no route or name service.

-- Stations behind one client address are a site, where there are other addresses or it is a public one:
-- a private one that all have may be a proxy's. A station whose address changes belongs to none.
CREATE OR REPLACE TABLE scratch.caller AS
SELECT station, any_value(client_address) AS address, count(DISTINCT client_address) AS addresses
FROM connection WHERE client_address IS NOT NULL
GROUP BY station;

CREATE OR REPLACE TABLE scratch.site AS
WITH single AS (SELECT station, address FROM caller WHERE addresses = 1)
SELECT * FROM single
WHERE (SELECT count(DISTINCT address) FROM single) > 1
    OR NOT regexp_matches(address, '^(?:10|127|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.|:');

-- When each path was cut, at the earliest and at the latest: after something had crossed it, before
-- anybody noticed. Of stations that spend a fifth of their time in such doubt only the notice counts.
CREATE OR REPLACE TABLE scratch.cut AS
WITH doubt AS (
    SELECT c.connection_id, c.station, c.close_ts,
        coalesce(c.station_initiator IS DISTINCT FROM 'self' AND c.station_code NOT IN (1005, 1006, 1015) AND c.csms_close_ts IS NOT NULL
            AND (c.late_s > 3 OR c.csms_code = 1006 AND c.csms_initiator IS DISTINCT FROM 'self'), false) AS closed_between,
        coalesce(least(t.csms_heard_s, t.station_heard_s, 180.0), 0) AS doubt_s,
        greatest(epoch(s.last_ts) - epoch(s.first_ts), 1) AS span_s
    FROM connection AS c JOIN ending_traffic AS t USING (connection_id) JOIN station AS s ON s.station = c.station
    WHERE c.close_ts IS NOT NULL
),
judged AS (
    SELECT * REPLACE (CASE WHEN sum(doubt_s) OVER (PARTITION BY station) < 0.2 * span_s THEN doubt_s ELSE 0 END AS doubt_s)
    FROM doubt
)
SELECT d.*, a.address, coalesce(a.address, '') AS place, d.close_ts - to_microseconds((d.doubt_s * 1e6)::BIGINT) AS from_ts
FROM judged AS d LEFT JOIN site AS a USING (station);

-- How many of these stretches had begun, and ended, by an instant: in all and behind one address.
CREATE OR REPLACE MACRO scratch.stretches(edge) AS TABLE
SELECT DISTINCT ts, address, count(*) OVER (ORDER BY ts) AS number, count(*) OVER (PARTITION BY address ORDER BY ts) AS number_here
FROM (SELECT address, CASE edge WHEN 'begin' THEN from_ts ELSE close_ts END AS ts FROM cut);

-- Two of them are together with no more than 10 s in between; elsewhere the notice must come by then.
CREATE OR REPLACE TABLE scratch.together AS
SELECT c.*, coalesce(b.number, 0) - coalesce(e.number, 0) AS all_lost,
    coalesce(bh.number_here, 0) - coalesce(eh.number_here, 0) AS here_lost,
    coalesce(u.number, 0) - coalesce(e.number, 0) - coalesce(uh.number_here, 0) + coalesce(eh.number_here, 0) AS elsewhere_lost
FROM (SELECT *, from_ts - INTERVAL 10 SECOND AS since_ts, close_ts + INTERVAL 10 SECOND AS until_ts FROM cut) AS c
ASOF LEFT JOIN stretches('begin') AS b ON c.until_ts >= b.ts
ASOF LEFT JOIN stretches('end') AS e ON c.since_ts > e.ts
ASOF LEFT JOIN stretches('end') AS u ON c.until_ts >= u.ts
ASOF LEFT JOIN stretches('begin') AS bh ON bh.address = c.address AND c.until_ts >= bh.ts
ASOF LEFT JOIN stretches('end') AS eh ON eh.address = c.address AND c.since_ts > eh.ts
ASOF LEFT JOIN stretches('end') AS uh ON uh.address = c.address AND c.until_ts >= uh.ts;

-- What the stations of a site tell.
CREATE OR REPLACE TABLE scratch.site_sign AS
SELECT coalesce(a.address, '') AS place, k.ts, k.action FROM key_event AS k LEFT JOIN site AS a USING (station)
WHERE k.action IN ('network.down', 'tcp.unreachable', 'dns.failure') AND k.station IS NOT NULL
UNION ALL
SELECT place, close_ts, 'closed' FROM cut WHERE closed_between;

-- The first such sign since something had crossed the path: seconds after the end was noticed.
CREATE OR REPLACE MACRO scratch.first_sign(signs) AS TABLE
SELECT t.connection_id, epoch(s.ts) - epoch(t.close_ts) AS after_s
FROM together AS t ASOF JOIN (SELECT * FROM site_sign WHERE list_contains(signs, action)) AS s
    ON s.place = t.place AND t.since_ts <= s.ts;

-- The same of equipment that belongs to no station, and so to no site that is known.
CREATE OR REPLACE TABLE scratch.equipment_down AS
SELECT t.connection_id, epoch(s.ts) - epoch(t.close_ts) AS after_s
FROM together AS t ASOF JOIN (SELECT ts FROM key_event WHERE action = 'network.down' AND station IS NULL) AS s
    ON t.since_ts <= s.ts;

CREATE OR REPLACE TABLE scratch.site_told AS
SELECT t.connection_id, t.closed_between, coalesce(c.after_s <= 10, false) AS site_closed,
    coalesce(least(d.after_s, q.after_s) <= 120, false) AS site_down, coalesce(u.after_s <= 180, false) AS site_unreachable
FROM together AS t LEFT JOIN first_sign(['closed']) AS c USING (connection_id)
LEFT JOIN first_sign(['network.down']) AS d USING (connection_id)
LEFT JOIN equipment_down AS q USING (connection_id)
LEFT JOIN first_sign(['tcp.unreachable', 'dns.failure']) AS u USING (connection_id);

-- by_chance: how many stretches of others would be together with this one anyway. A station whose
-- address is not known is compared with all.
CREATE OR REPLACE TABLE scratch.neighbour AS
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
        t.elsewhere_lost, (SELECT count(*) FROM site) - z.stations AS elsewhere,
        ((SELECT count(*) FROM cut) - z.cuts) * (t.doubt_s + 20) / t.span_s AS elsewhere_by_chance,
        ((z.cuts - o.cuts) * (t.doubt_s + 20) + z.doubt_s - o.doubt_s) / t.span_s AS by_chance
    FROM together AS t JOIN own AS o USING (station) JOIN sized AS z ON z.address IS NOT DISTINCT FROM t.address
    WHERE z.stations > 1 AND t.station NOT IN (SELECT station FROM caller WHERE addresses > 1)
)
SELECT connection_id, CASE WHEN known THEN stations END AS site_stations, lost AS site_lost,
    CASE WHEN known THEN elsewhere END AS elsewhere, CASE WHEN known THEN elsewhere_lost END AS elsewhere_lost,
    -- Less will do where somebody tells that the network went down.
    lost - 1 >= CASE WHEN site_down THEN 2 ELSE 5 END * by_chance AND CASE WHEN known
        THEN lost >= 2 AND lost >= 0.8 * stations AND elsewhere_lost <= greatest(0.1 * elsewhere, 2 * elsewhere_by_chance)
        ELSE lost >= 3 AND 3 * lost <= 2 * stations END AS site_cut
FROM compared JOIN site_told USING (connection_id);
