-- What else was so when a connection ended: what came just before, what was different afterwards.
-- Grain: one row per ended connection. Reads: connection, boot, spoken, event, key_event, near_traffic, neighbour,
-- site_told.
-- Units: seconds, UTC. boot_proof: what shows that the station did not restart before the
-- BootNotification that followed; ids_restarted: its message ids began anew; restart_days: days on which it restarted at this time of day (within
-- five to ten minutes), restart_same: their share of its restarts; command: the last CALL of the CSMS
-- in the five minutes before; command_drops: connections of the station that ended within 15 s of that
-- CALL; command_fatal: the share of those CALLs after which one ended; spoke_on_s: how long the station still
-- spoke after it; command_restarts: restarts before which it fell silent within 15 s of that CALL;
-- command_restart_share: the share of those CALLs with such a restart; commanded_share: the share of the
-- station's restarts that follow one such CALL; outlived_s: the station's longest
-- quiet after which a CALL ended none; early_commands: CALLs of the
-- CSMS before it had accepted the boot; signal_dbm: the weakest radio signal of the five minutes
-- before, usual_dbm: the station's median.

-- Grain: one row per ended connection and the BootNotification that followed, within a minute of the reopening.
CREATE OR REPLACE TABLE scratch.reboot AS
SELECT c.connection_id, c.station, coalesce(c.station_close_ts, c.close_ts) AS close_ts, min(b.ts) AS boot_ts,
    arg_min(b.event_id, b.ts) AS boot_event, arg_min(b.firmware, b.ts) AS firmware
FROM connection AS c JOIN boot AS b ON b.station = c.station
    AND b.ts BETWEEN c.next_open_ts - INTERVAL 5 SECOND AND c.next_open_ts + INTERVAL 60 SECOND
WHERE c.close_ts IS NOT NULL
GROUP BY ALL;

-- Stations whose log goes on without a hole of 15 s from the end to the BootNotification.
CREATE OR REPLACE TABLE scratch.wakeful AS
WITH line AS (
    SELECT r.connection_id, e.ts, r.close_ts, r.boot_ts
    FROM (
        SELECT station, ts FROM event
        WHERE kind = 'station' AND ts IS NOT NULL AND station IN (SELECT station FROM reboot)
    ) AS e ASOF JOIN reboot AS r ON e.station = r.station AND e.ts >= r.close_ts
    WHERE e.ts <= r.boot_ts
),
gap AS (
    SELECT connection_id, close_ts, boot_ts, ts,
        epoch(ts) - epoch(lag(ts, 1, close_ts) OVER (PARTITION BY connection_id ORDER BY ts)) AS gap_s
    FROM line
)
SELECT connection_id FROM gap GROUP BY ALL
HAVING max(gap_s) <= 15 AND epoch(any_value(boot_ts)) - epoch(max(ts)) <= 15 AND count(*) >= 2;

-- Message ids that are numbers: a restart begins them anew, a reconnect goes on. Times are no numbers.
CREATE OR REPLACE TABLE scratch.numbered_call AS
SELECT * EXCLUDE (id, parts), parts.prefix AS prefix, parts.number::BIGINT AS number
FROM (
    SELECT event_id, station, source_id, ts, frame->>'$[1]' AS id,
        regexp_extract(id, '^([^0-9]*)([0-9]{1,9})$', ['prefix', 'number']) AS parts
    FROM spoken
    WHERE ocpp_type = 2 AND direction = 'to_csms' AND station IN (SELECT station FROM reboot)
)
WHERE parts.number <> '';

-- The ids of the BootNotification and of the last CALL before the end, where both are of one kind.
CREATE OR REPLACE TABLE scratch.renumbered AS
SELECT r.connection_id, r.station, r.source_id, r.boot_ts, n.ts, r.number AS boot_number, n.number
FROM (
    SELECT r.*, n.number, n.prefix, n.source_id FROM reboot AS r JOIN numbered_call AS n ON n.event_id = r.boot_event
) AS r ASOF JOIN numbered_call AS n ON n.station = r.station AND n.source_id = r.source_id AND r.close_ts >= n.ts
WHERE n.prefix = r.prefix;

-- An id goes on that grew by the CALLs in between (not all are in every log), or by a little more.
CREATE OR REPLACE TABLE scratch.counter AS
WITH grown AS (
    SELECT * FROM renumbered
    WHERE number > 1 AND boot_number - number BETWEEN 1 AND 10 + epoch(boot_ts) - epoch(ts)
),
called AS (
    SELECT g.connection_id, count(*) AS calls
    FROM grown AS g JOIN event AS e ON e.station = g.station AND e.source_id = g.source_id
        AND e.ts > g.ts AND e.ts <= g.boot_ts
    WHERE e.action = 'ocpp.call' AND e.direction = 'to_csms'
    GROUP BY ALL
)
SELECT connection_id, coalesce(boot_number - number >= calls, false) AS goes_on,
    boot_number <= 3 AND number >= boot_number AS begins_anew
FROM renumbered LEFT JOIN called USING (connection_id);

CREATE OR REPLACE TABLE scratch.firmware_around AS
SELECT r.connection_id, b.firmware AS firmware_before, r.firmware AS firmware_after
FROM reboot AS r ASOF JOIN (SELECT * FROM boot WHERE firmware IS NOT NULL) AS b
    ON b.station = r.station AND r.close_ts > b.ts
WHERE r.firmware IS NOT NULL;

-- Restarts by five minutes of the day. Grain: one row per station, slot and the days around it.
CREATE OR REPLACE TABLE scratch.restart_time AS
WITH restart AS (
    SELECT station, ts FROM boot
    UNION ALL SELECT station, ts FROM key_event WHERE action = 'station.boot' AND kind = 'station' AND station IS NOT NULL
),
slot AS (
    SELECT DISTINCT station, epoch_us(ts) // 86400000000 AS day, (epoch_us(ts) // 300000000) % 288 AS slot FROM restart
),
near AS (SELECT station, day, unnest([(slot + 287) % 288, slot, (slot + 1) % 288]) AS slot FROM slot)
SELECT station, slot, count(DISTINCT day) AS restart_days,
    count(DISTINCT day) / any_value(t.total) AS restart_same
FROM near JOIN (SELECT station, count(*) AS total FROM slot GROUP BY station) AS t USING (station)
GROUP BY station, slot;

-- What the CSMS asked for last, and how often that ends a connection.
CREATE OR REPLACE TABLE scratch.commanded AS
SELECT x.connection_id, x.station, t.ocpp_action AS command, epoch(x.close_ts) - epoch(t.ts) AS command_s,
    greatest(epoch(u.ts) - epoch(t.ts), 0) AS spoke_on_s, r.connection_id IS NOT NULL AS restarts
FROM ending AS x ASOF JOIN (
    SELECT station, ts, ocpp_action FROM near_traffic
    WHERE action = 'ocpp.call' AND directed AND NOT up AND ocpp_action IS NOT NULL
) AS t ON x.station = t.station AND x.close_ts + INTERVAL 1 MILLISECOND >= t.ts
LEFT JOIN last_before(NULL, true) AS u ON u.connection_id = x.connection_id
LEFT JOIN reboot AS r ON r.connection_id = x.connection_id
WHERE x.close_ts - t.ts <= INTERVAL 5 MINUTE AND (x.open_ts IS NULL OR t.ts >= x.open_ts);

CREATE OR REPLACE TABLE scratch.deadly AS
WITH asked AS (
    SELECT station, ocpp_action AS command, max(calls) AS calls FROM (
        SELECT station, kind, ocpp_action, count(*) AS calls FROM event
        WHERE action = 'ocpp.call' AND direction = 'to_station' AND ocpp_action IS NOT NULL
            AND station IN (SELECT station FROM commanded)
        GROUP BY ALL
    ) GROUP BY ALL
)
SELECT station, command, count(*) FILTER (command_s <= 15) AS command_drops,
    least(count(*) FILTER (command_s <= 15) / any_value(a.calls), 1.0) AS command_fatal,
    count(*) FILTER (restarts AND spoke_on_s <= 15) AS command_restarts,
    least(count(*) FILTER (restarts AND spoke_on_s <= 15) / any_value(a.calls), 1.0) AS command_restart_share
FROM commanded JOIN asked AS a USING (station, command)
GROUP BY station, command;

-- Grain: one row per station: the share of its restarts that follow the CALL which mostly has such an end.
CREATE OR REPLACE TABLE scratch.ordered AS
SELECT d.station, least(max(d.command_restarts) / any_value(r.restarts), 1.0) AS commanded_share
FROM deadly AS d JOIN (SELECT station, count(*) AS restarts FROM reboot GROUP BY station) AS r USING (station)
WHERE d.command_restarts >= 3 AND d.command_restart_share >= 0.5
GROUP BY d.station;

-- The longest quiet of a station after which a CALL of the CSMS did not end its connection.
CREATE OR REPLACE TABLE scratch.outlived AS
WITH asked AS (
    SELECT t.station, t.ts, epoch(t.ts) - epoch(u.ts) AS quiet_s
    FROM (
        SELECT station, ts FROM near_traffic WHERE action = 'ocpp.call' AND directed AND NOT up
            AND station IN (SELECT station FROM commanded)
    ) AS t ASOF JOIN (SELECT station, ts FROM near_traffic WHERE directed AND up) AS u
        ON t.station = u.station AND t.ts > u.ts
)
SELECT a.station, max(a.quiet_s) AS outlived_s
FROM asked AS a ASOF JOIN ending AS x ON a.station = x.station AND a.ts <= x.close_ts
WHERE a.ts >= x.open_ts AND x.close_ts - a.ts > INTERVAL 15 SECOND
GROUP BY a.station;

-- Commands before the boot of their connection was accepted.
CREATE OR REPLACE TABLE scratch.early AS
WITH begun AS (
    SELECT c.connection_id, c.station, c.open_ts, c.close_ts, min(b.ts) AS boot_ts
    FROM connection AS c JOIN boot AS b ON b.station = c.station
        AND b.ts BETWEEN c.open_ts AND least(c.close_ts, c.open_ts + INTERVAL 2 MINUTE)
    WHERE c.close_ts IS NOT NULL
    GROUP BY ALL
),
accepted AS (
    SELECT station, ts FROM spoken
    WHERE ocpp_type = 3 AND frame->>'$[2].status' = 'Accepted' AND frame->>'$[2].currentTime' IS NOT NULL
),
allowed AS (
    SELECT b.*, CASE WHEN a.ts < b.close_ts THEN a.ts ELSE b.close_ts END AS from_ts
    FROM begun AS b ASOF LEFT JOIN accepted AS a ON a.station = b.station AND b.boot_ts <= a.ts
)
SELECT w.connection_id, count(*) AS early_commands
FROM (
    SELECT station, ts FROM event WHERE action = 'ocpp.call' AND direction = 'to_station'
        AND kind IN ('csms', 'station') AND station IN (SELECT station FROM allowed)
) AS e ASOF JOIN allowed AS w ON e.station = w.station AND e.ts >= w.open_ts
WHERE e.ts < w.from_ts
GROUP BY ALL;

-- Some modems write tenths of a dBm; +CSQ counts steps of 2 dB.
CREATE OR REPLACE TABLE scratch.heard_signal AS
SELECT station, ts, event_id,
    CASE WHEN signal_dbm < -200 THEN signal_dbm / 10 WHEN signal_dbm IS NOT NULL THEN signal_dbm
         WHEN signal_csq <= 31 THEN 2 * signal_csq - 113 END AS dbm
FROM key_event WHERE action = 'modem.signal' AND station IS NOT NULL
    AND coalesce(signal_dbm, signal_csq) IS NOT NULL AND coalesce(signal_dbm, -1) < 0;

CREATE OR REPLACE TABLE scratch.radio AS
SELECT c.connection_id, min(s.dbm) AS signal_dbm, any_value(u.usual_dbm) AS usual_dbm
FROM connection AS c JOIN heard_signal AS s ON s.station = c.station
    AND s.ts BETWEEN c.close_ts - INTERVAL 5 MINUTE AND c.close_ts + INTERVAL 30 SECOND
JOIN (SELECT station, median(dbm) AS usual_dbm FROM heard_signal GROUP BY station) AS u ON u.station = c.station
WHERE c.close_ts IS NOT NULL AND s.dbm IS NOT NULL
GROUP BY ALL;

CREATE OR REPLACE TABLE scratch.circumstance AS
SELECT c.connection_id, b.site_stations, b.site_lost, b.elsewhere, b.elsewhere_lost, coalesce(b.site_cut, false) AS site_cut,
    q.closed_between, q.site_closed, q.site_down, q.site_unreachable,
    CASE WHEN w.connection_id IS NOT NULL THEN 'station-log' WHEN n.goes_on THEN 'message-ids' END AS boot_proof,
    coalesce(n.begins_anew, false) AS ids_restarted,
    f.firmware_before, f.firmware_after, coalesce(f.firmware_before <> f.firmware_after, false) AS firmware_changed,
    coalesce(d.restart_days, 0) AS restart_days, coalesce(d.restart_same, 0) AS restart_same,
    o.command, o.command_s, o.spoke_on_s, coalesce(k.command_drops, 0) AS command_drops, coalesce(k.command_fatal, 0) AS command_fatal,
    coalesce(k.command_restarts, 0) AS command_restarts, coalesce(k.command_restart_share, 0) AS command_restart_share,
    coalesce(q.commanded_share, 0) AS commanded_share, coalesce(v.outlived_s, 0) AS outlived_s,
    coalesce(e.early_commands, 0) AS early_commands, s.signal_dbm, s.usual_dbm
FROM connection AS c
LEFT JOIN reboot AS r USING (connection_id)
LEFT JOIN wakeful AS w USING (connection_id)
LEFT JOIN counter AS n USING (connection_id)
LEFT JOIN firmware_around AS f USING (connection_id)
LEFT JOIN restart_time AS d ON d.station = c.station AND d.slot = (epoch_us(coalesce(r.boot_ts, c.close_ts)) // 300000000) % 288
LEFT JOIN commanded AS o USING (connection_id)
LEFT JOIN deadly AS k ON k.station = c.station AND k.command = o.command
LEFT JOIN ordered AS q ON q.station = c.station
LEFT JOIN outlived AS v ON v.station = c.station
LEFT JOIN early AS e USING (connection_id)
LEFT JOIN radio AS s USING (connection_id)
LEFT JOIN neighbour AS b USING (connection_id)
LEFT JOIN site_told AS q USING (connection_id)
WHERE c.close_ts IS NOT NULL;
