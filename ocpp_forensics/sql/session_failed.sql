-- Runs of failed attempts without a connection in between: a station that cannot connect.
-- Reads: attempt, connection. One failed attempt that is cured within a minute is no failure.

-- Grain: one row per telling event of an attempt: how wrong the clock was that stamped it (null where
-- stamps carry no date). One that nothing sets right is wrong as well where it runs half a year after the logs
-- of all servers.
CREATE OR REPLACE TABLE scratch.stamp AS
SELECT e.event_id, CASE WHEN c.dated THEN c.shift_us / 1e6
        + CASE WHEN e.ts > s.last_ts + INTERVAL 180 DAY THEN epoch(e.ts) - epoch(s.last_ts) ELSE 0 END
    END AS clock_ahead_s, year(e.ts_original) AS stamp_year
FROM (SELECT max(to_ts) AS last_ts FROM coverage WHERE kind IN ('csms', 'proxy')) AS s,
    event AS e JOIN attempt AS a USING (event_id)
JOIN clock_shift AS c ON c.source_id = e.source_id
    AND e.event_id >= c.from_record AND e.event_id < c.to_record
WHERE e.kind = 'station';

-- Grain: one row per connection that a station opened to a named host and port.
CREATE OR REPLACE MACRO scratch.host_of(url) AS regexp_extract(url, '^\w+://(?:[^/@]*@)?([^/?]+)', 1);

CREATE OR REPLACE TABLE scratch.reached AS
SELECT host_of(url) AS host, station, ts FROM attempt WHERE stage = 'open' AND url IS NOT NULL;

-- Grain: one row per station and folder of the path under which a proxy opened a tunnel for it.
CREATE OR REPLACE TABLE scratch.tunnelled AS
SELECT DISTINCT regexp_replace(path, '[^/]*$', '') AS folder, station FROM key_event
WHERE kind = 'proxy' AND action = 'http.response' AND http_status = 101 AND station IS NOT NULL;

CREATE OR REPLACE TABLE scratch.used_folder AS SELECT folder, count(*) AS stations FROM tunnelled GROUP BY ALL;
CREATE OR REPLACE TABLE scratch.own_folder AS SELECT station, list(folder) AS folders FROM tunnelled GROUP BY ALL;

-- Grain: one row per failed attempt that belongs to such a run.
CREATE TABLE failed AS
WITH numbered AS (
    SELECT a.*, regexp_replace(a.path, '[^/]*$', '') AS folder, c.open_ts AS last_open_ts
    FROM attempt AS a ASOF LEFT JOIN (
        SELECT station, open_ts FROM connection WHERE open_ts IS NOT NULL
    ) AS c ON a.station = c.station AND a.ts + INTERVAL 1 SECOND >= c.open_ts
    WHERE a.stage <> 'open'
),
run AS (
    SELECT station, last_open_ts, min(attempt_id) AS run_id, count(*) AS attempts, min(ts) AS first_ts,
        max(ts) AS last_ts
    FROM numbered GROUP BY ALL
),
cured AS (
    SELECT r.*, c.open_ts AS recovered_ts
    FROM run AS r ASOF LEFT JOIN (
        SELECT station, open_ts FROM connection WHERE open_ts IS NOT NULL
    ) AS c ON r.station = c.station AND r.last_ts <= c.open_ts
),
-- Others that reach the same host while a station mistrusts its certificate.
trusted AS (
    SELECT r.run_id, count(DISTINCT o.station) AS same_host
    FROM run AS r JOIN numbered AS n ON n.attempt_id = r.run_id
    JOIN reached AS o ON o.host = host_of(n.url) AND o.station <> r.station
        AND o.ts BETWEEN r.first_ts AND r.last_ts + INTERVAL 1 MINUTE
    WHERE n.tls_error = 'hostname'
    GROUP BY r.run_id
),
-- Stations with a right clock that find the certificate expired, around a handshake that fails without a reason.
told AS (
    SELECT attempt_id, ts, tls_error, count(DISTINCT CASE WHEN expired THEN station END) OVER near AS stations,
        min(CASE WHEN expired THEN ts END) OVER near AS from_ts, max(CASE WHEN expired THEN ts END) OVER near AS to_ts
    FROM (
        SELECT n.*, n.tls_error = 'expired' AND abs(coalesce(k.clock_ahead_s, 0)) <= 172800 AS expired
        FROM numbered AS n LEFT JOIN stamp AS k USING (event_id) WHERE n.tls_error IS NOT NULL
    )
    WINDOW near AS (ORDER BY ts RANGE BETWEEN INTERVAL 30 MINUTE PRECEDING AND INTERVAL 30 MINUTE FOLLOWING)
),
-- They tell nothing where any station gets through meanwhile.
agreed AS (
    SELECT t.attempt_id, t.stations
    FROM told AS t ASOF LEFT JOIN (
        SELECT open_ts FROM connection WHERE open_ts IS NOT NULL
    ) AS c ON greatest(t.ts, t.to_ts) >= c.open_ts
    WHERE t.tls_error <> 'expired' AND coalesce(c.open_ts < least(t.ts, t.from_ts), true)
)
SELECT n.* EXCLUDE (folder, last_open_ts), r.run_id, r.attempts AS run_attempts, r.first_ts AS run_first_ts,
    r.last_ts AS run_last_ts, r.recovered_ts,
    epoch(n.ts) - epoch(lag(n.ts) OVER (PARTITION BY n.station ORDER BY n.ord)) AS retry_s,
    epoch(r.last_ts) - epoch(r.first_ts) AS run_s, epoch(r.recovered_ts) - epoch(r.first_ts) AS recovered_s, k.clock_ahead_s, k.stamp_year,
    count(DISTINCT n.station) OVER (PARTITION BY n.stage, n.tls_error, n.http_status ORDER BY n.ts
        RANGE BETWEEN INTERVAL 30 MINUTE PRECEDING AND INTERVAL 30 MINUTE FOLLOWING) - 1 AS others_alike,
    coalesce(h.same_host, 0) AS same_host, coalesce(g.stations, 0) AS others_expired,
    coalesce(u.stations, 0) - coalesce(list_contains(o.folders, n.folder), false)::INTEGER AS others_through,
    coalesce(NOT list_contains(o.folders, n.folder), false) AS path_changed,
    EXISTS (SELECT 1 FROM connection AS c WHERE c.station = n.station AND c.open_ts IS NOT NULL) AS ever_connected,
    EXISTS (SELECT 1 FROM coverage AS v WHERE v.kind = 'csms' AND n.ts BETWEEN v.from_ts AND v.to_ts) AS csms_covered,
    EXISTS (SELECT 1 FROM coverage AS v WHERE v.kind = 'proxy' AND n.ts BETWEEN v.from_ts AND v.to_ts) AS proxy_covered
FROM numbered AS n JOIN cured AS r
    ON n.station = r.station AND n.last_open_ts IS NOT DISTINCT FROM r.last_open_ts
LEFT JOIN stamp AS k ON k.event_id = n.event_id
LEFT JOIN trusted AS h ON h.run_id = r.run_id
LEFT JOIN agreed AS g ON g.attempt_id = n.attempt_id
LEFT JOIN used_folder AS u ON u.folder = n.folder
LEFT JOIN own_folder AS o ON o.station = n.station
WHERE r.attempts >= 2 OR r.recovered_ts IS NULL
    OR epoch(r.recovered_ts) - epoch(r.first_ts) > 60;
