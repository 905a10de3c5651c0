-- Events that two sources are likely to tell of at the same moment, with what is known of their time.
-- Grain: one row per event, up to 300 per source and station. Reads: record, detail, part, source, named,
-- station_name, address_station, clock_shift. `utc` is null where the source's clock is not known.

CREATE OR REPLACE TEMP TABLE twin AS
WITH told AS (
    SELECT source_id, r.record_id, r.ts_original AS wall, r.zone_s,
        coalesce(n.station, m.station, a.station, o.station) AS station
    FROM record AS r JOIN part ON part_id = r.record_id >> 40
    JOIN source AS o USING (source_id)
    LEFT JOIN detail AS d USING (record_id)
    LEFT JOIN station_name AS n ON n.raw = r.station
    LEFT JOIN named AS m ON m.record_id = r.record_id
    LEFT JOIN address_station AS a ON a.client_address = d.client_address
    WHERE r.ts_original IS NOT NULL AND r.action IN (
        'ws.open', 'ws.close', 'http.response', 'tls.error', 'proxy.timeout', 'csms.rate_limited',
        'tcp.refused', 'tcp.reset', 'proxy.backend_error', 'tcp.connect', 'ws.upgrade'
    )
),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY source_id, station ORDER BY record_id) AS place
    FROM told WHERE station IS NOT NULL
)
SELECT t.source_id, t.station, t.wall, s.source_id IS NOT NULL AS known,
    t.wall - to_seconds(coalesce(t.zone_s, s.zone_s)) - to_microseconds(s.shift_us) AS utc
FROM numbered AS t LEFT JOIN clock_shift AS s
    ON t.source_id = s.source_id AND t.record_id >= s.from_record AND t.record_id < s.to_record
WHERE place <= 300;
