-- Events that two sources are likely to tell of at the same moment, with what is known of their time.
-- Grain: one row per event and what it tells, of each station so many per source as keep the pairs few.
-- Reads: record, detail, part, source, named, mentioned, spoken_for, station_name, address_station, clock_shift.
-- told: opened, ended, refused, or cut (a modem lost its way: what ends follows). known: the source's
-- clock is; wall: as written, in UTC where a zone stands; utc: null where the clock is not known.

CREATE OR REPLACE TEMP TABLE twin AS
WITH seen AS (
    SELECT source_id, r.record_id, r.ts_original, r.zone_s, r.action::VARCHAR AS action, d.http_status,
        d.duration_s, coalesce(n.station, m.station, t.station, f.station, a.station, o.station) AS station
    FROM record AS r JOIN part ON part_id = r.record_id >> 40
    JOIN source AS o USING (source_id)
    LEFT JOIN detail AS d USING (record_id)
    LEFT JOIN station_name AS n ON n.raw = r.station
    LEFT JOIN named AS m ON m.record_id = r.record_id
    LEFT JOIN mentioned AS t ON t.record_id = r.record_id
    LEFT JOIN spoken_for AS f ON f.record_id = r.record_id
    LEFT JOIN address_station AS a ON a.client_address = d.client_address
    WHERE r.ts_original IS NOT NULL AND (r.action = 'ws.error' AND d.http_status >= 400
        OR r.action = 'modem.registration' AND d.registration IN ('searching', 'denied', 'idle', 'unknown')
        OR r.action IN (
        'ws.open', 'ws.close', 'http.response', 'tls.error', 'proxy.timeout', 'csms.rate_limited',
        'csms.online', 'csms.offline', 'csms.rejected', 'tcp.refused', 'tcp.reset',
        'proxy.backend_error', 'tcp.connect', 'ws.upgrade', 'modem.ip_change', 'modem.detach',
        'modem.reset'))
),
told AS (
    SELECT * EXCLUDE (ts_original), ts_original AS at, CASE
            WHEN action IN ('ws.open', 'csms.online', 'tcp.connect', 'ws.upgrade') THEN 'opened'
            WHEN action IN ('ws.close', 'csms.offline', 'tcp.reset', 'proxy.timeout') THEN 'ended'
            WHEN action LIKE 'modem.%' THEN 'cut'
            WHEN http_status = 101 THEN 'ended' ELSE 'refused' END AS told
    FROM seen WHERE station IS NOT NULL
    UNION ALL
    SELECT * EXCLUDE (ts_original), ts_original - to_microseconds((duration_s * 1e6)::BIGINT), 'opened'
    FROM seen WHERE station IS NOT NULL AND http_status = 101 AND duration_s IS NOT NULL
),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY source_id, station, told ORDER BY record_id) AS place,
        count(DISTINCT station) OVER (PARTITION BY source_id) AS stations
    FROM told
)
SELECT t.source_id, t.record_id, t.station, t.told, s.source_id IS NOT NULL AS known,
    t.at - to_seconds(coalesce(t.zone_s, 0)) AS wall,
    true_time(t.at, t.zone_s, s.zone_s, s.shift_us, s.drift, s.origin_us) AS utc
FROM numbered AS t LEFT JOIN clock_shift AS s
    ON t.source_id = s.source_id AND t.record_id >= s.from_record AND t.record_id < s.to_record
WHERE place <= greatest(20, least(300, 3000 // stations));
