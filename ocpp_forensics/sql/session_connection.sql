-- Connections: the views of the CSMS, the station and the proxy of one connection as one row.
-- Grain: one row per connection. Reads: leg, source. Units: seconds, UTC.
-- Views are joined when they open within 5 s of each other (a proxy line that tells only the end
-- joins by it); every vantage point takes part at most once.

CREATE OR REPLACE TABLE scratch.lane AS
SELECT *, CASE kind WHEN 'csms' THEN CASE WHEN keyed THEN 1 ELSE 2 END WHEN 'station' THEN 3 ELSE 4 END AS lane,
    coalesce(open_ts, close_ts) AS anchor_ts
FROM leg;

CREATE OR REPLACE TABLE scratch.joined AS SELECT leg_id, leg_id AS connection_id FROM lane WHERE lane = 1;

-- The connection that each leg of a lane belongs to: the nearest one, its own where none is near.
CREATE OR REPLACE MACRO scratch.nearest_connection(which) AS TABLE
WITH seed AS (
    SELECT j.connection_id, l.station, min(l.open_ts) AS open_ts FROM joined AS j JOIN lane AS l USING (leg_id) GROUP BY ALL
),
opened AS (SELECT * FROM seed WHERE open_ts IS NOT NULL),
closed AS (
    SELECT s.*, l.close_ts FROM seed AS s JOIN joined USING (connection_id) JOIN lane AS l USING (leg_id)
    WHERE l.close_ts IS NOT NULL
),
incoming AS (SELECT * FROM lane WHERE lane = which),
-- Ends of connections of which a log does not know the beginning, near the ends that others tell.
near_end AS (
    SELECT i.leg_id, i.station, s.connection_id, least(i.close_ts, s.close_ts) AS first_ts,
        greatest(i.close_ts, s.close_ts) AS last_ts
    FROM (SELECT * FROM incoming WHERE open_ts IS NULL) AS i JOIN closed AS s ON i.station = s.station
        AND s.close_ts BETWEEN i.close_ts - INTERVAL 5 MINUTE AND i.close_ts + INTERVAL 5 MINUTE
    WHERE coalesce(s.open_ts < i.close_ts, true)
),
candidate AS (
    SELECT i.leg_id, s.connection_id, epoch(i.open_ts) - epoch(s.open_ts) AS gap_s
    FROM incoming AS i ASOF JOIN opened AS s ON i.station = s.station AND i.open_ts >= s.open_ts
    UNION ALL
    SELECT i.leg_id, s.connection_id, epoch(s.open_ts) - epoch(i.open_ts)
    FROM incoming AS i ASOF JOIN opened AS s ON i.station = s.station AND i.open_ts <= s.open_ts
    UNION ALL
    SELECT i.leg_id, s.connection_id, epoch(i.close_ts) - epoch(s.close_ts)
    FROM (SELECT * FROM incoming WHERE open_ts IS NULL) AS i
    ASOF JOIN closed AS s ON i.station = s.station AND i.close_ts >= s.close_ts
    UNION ALL
    SELECT i.leg_id, s.connection_id, epoch(s.close_ts) - epoch(i.close_ts)
    FROM (SELECT * FROM incoming WHERE open_ts IS NULL) AS i
    ASOF JOIN closed AS s ON i.station = s.station AND i.close_ts <= s.close_ts
    UNION ALL
    -- The other logs begin while the connection stands; this one knows its beginning.
    SELECT i.leg_id, s.connection_id, abs(epoch(i.close_ts) - epoch(s.close_ts))
    FROM (SELECT * FROM incoming WHERE open_ts IS NOT NULL AND close_ts IS NOT NULL) AS i
    JOIN (SELECT * FROM closed WHERE open_ts IS NULL) AS s ON i.station = s.station
        AND s.close_ts BETWEEN i.close_ts - INTERVAL 5 SECOND AND i.close_ts + INTERVAL 5 SECOND
    UNION ALL
    -- One side found out late; no other connection begins in between. It comes after all nearer ones.
    SELECT e.leg_id, e.connection_id, 4 + (epoch(last_ts) - epoch(first_ts)) / 300
    FROM near_end AS e ASOF LEFT JOIN (SELECT station, open_ts FROM lane WHERE open_ts IS NOT NULL) AS o
        ON o.station = e.station AND o.open_ts > e.first_ts
    WHERE coalesce(o.open_ts > e.last_ts, true)
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY leg_id ORDER BY gap_s, connection_id) AS for_leg,
        row_number() OVER (PARTITION BY connection_id ORDER BY gap_s, leg_id) AS for_connection
    FROM candidate WHERE gap_s <= 5
)
SELECT i.leg_id, coalesce(r.connection_id, i.leg_id) AS connection_id
FROM incoming AS i LEFT JOIN ranked AS r
    ON r.leg_id = i.leg_id AND r.for_leg = 1 AND r.for_connection = 1;

INSERT INTO joined
SELECT leg_id, connection_id FROM nearest_connection(2);

INSERT INTO joined
SELECT leg_id, connection_id FROM nearest_connection(3);

INSERT INTO joined
SELECT leg_id, connection_id FROM nearest_connection(4);

CREATE TABLE connection AS
WITH merged AS (
    SELECT j.connection_id, any_value(l.station) AS station,
        -- A proxy's stamp is coarse, and often counted back from the end.
        coalesce(min(l.open_ts) FILTER (l.kind <> 'proxy'), min(l.open_ts)) AS open_ts,
        coalesce(arg_min(l.open_event, l.open_ts) FILTER (l.kind <> 'proxy'),
            arg_min(l.open_event, l.open_ts)) AS open_event,
        min(l.open_ts) FILTER (l.kind = 'station') AS station_open_ts,
        min(l.open_ts) FILTER (l.kind = 'csms') AS csms_open_ts,
        min(l.close_ts) FILTER (l.kind = 'station') AS station_close_ts,
        min(l.close_ts) FILTER (l.kind = 'csms' AND NOT from_restart) AS csms_close_ts,
        min(l.close_ts) FILTER (l.kind = 'proxy') AS proxy_close_ts,
        min(l.close_ts) FILTER (from_restart) AS restart_ts,
        any_value(l.close_event) FILTER (l.kind = 'station' AND l.close_ts IS NOT NULL) AS station_close_event,
        any_value(l.close_event) FILTER (l.kind = 'csms' AND l.close_ts IS NOT NULL) AS csms_close_event,
        any_value(l.close_event) FILTER (l.kind = 'proxy' AND l.close_ts IS NOT NULL) AS proxy_close_event,
        coalesce(any_value(l.ws_code) FILTER (l.kind = 'station' AND l.ws_code IS NOT NULL), NULL) AS station_code,
        coalesce(any_value(l.ws_code) FILTER (l.kind = 'csms' AND l.ws_code IS NOT NULL), NULL) AS csms_code,
        any_value(l.ws_reason) FILTER (l.ws_reason IS NOT NULL) AS reason,
        any_value(l.initiator) FILTER (l.kind = 'station' AND l.initiator IS NOT NULL) AS station_initiator,
        any_value(l.initiator) FILTER (l.kind = 'csms' AND l.initiator IS NOT NULL) AS csms_initiator,
        bool_or(l.ping_timeout) AS ping_timeout, bool_or(l.read_deadline) AS read_deadline,
        bool_or(l.ping_timeout) FILTER (l.kind = 'station') AS station_ping_timeout,
        coalesce(bool_or(l.close_ts IS NOT NULL AND l.told_by IN ('ws.close', 'ws.ping_timeout', 'csms.heartbeat_timeout'))
            FILTER (l.kind = 'station'), false) AS station_told_end,
        coalesce(any_value(l.client_address) FILTER (l.kind = 'proxy' AND l.client_address IS NOT NULL),
            any_value(l.client_address) FILTER (l.kind = 'csms' AND l.client_address IS NOT NULL)) AS client_address,
        any_value(l.told_by) FILTER (l.kind = 'csms' AND l.close_ts IS NOT NULL) AS told_by,
        any_value(l.termination) FILTER (l.termination IS NOT NULL) AS termination,
        bool_or(l.kind = 'csms') AS csms_saw, bool_or(l.kind = 'station') AS station_saw,
        bool_or(l.kind = 'proxy') AS proxy_saw,
        any_value(l.source_id) FILTER (l.kind = 'csms') AS csms_source,
        any_value(l.source_id) FILTER (l.kind = 'proxy') AS proxy_source
    FROM joined AS j JOIN lane AS l USING (leg_id)
    GROUP BY ALL
),
ended AS (
    -- A proxy's stamp is coarse: it counts where it is clearly the earliest or the only one.
    SELECT *, coalesce(
        CASE WHEN proxy_close_ts < least(station_close_ts, csms_close_ts) - INTERVAL 2 SECOND
             THEN proxy_close_ts END,
        least(station_close_ts, csms_close_ts), proxy_close_ts, restart_ts) AS close_ts
    FROM merged
),
ordered AS (
    SELECT *, row_number() OVER (PARTITION BY station ORDER BY coalesce(open_ts, close_ts), connection_id) AS number,
        lead(open_ts) OVER w AS next_open_ts, lead(client_address) OVER w AS next_client_address
    FROM ended WINDOW w AS (PARTITION BY station ORDER BY coalesce(open_ts, close_ts), connection_id)
)
SELECT row_number() OVER (ORDER BY coalesce(open_ts, close_ts), station, connection_id) AS connection_id,
    * EXCLUDE (connection_id),
    CASE WHEN close_ts IS NOT NULL AND open_ts IS NOT NULL THEN epoch(close_ts) - epoch(open_ts) END AS age_s,
    -- How much later than the station the CSMS noticed the end. Where both know the beginning, the two
    -- ages are compared: they do not depend on how well the clocks are set.
    epoch(csms_close_ts) - epoch(station_close_ts)
        - coalesce(epoch(csms_open_ts) - epoch(station_open_ts), 0) AS late_s
FROM ordered;
