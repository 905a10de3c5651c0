-- Messages that a source and the reference have both logged, for clock alignment.
-- Grain: one row per message seen on either side. Reads: record, part, source, station_name,
-- hinted, session_station, ocpp_action, clock_shift (the reference's), variable reference. `utc`: true time by
-- the reference's clock; `sent`: written by the source before it went out.
-- Message ids may be equal for several stations and begin anew after a boot: only those that occur
-- once for a station on either side count, or at most twice where a source has next to none of these.

CREATE OR REPLACE TEMP TABLE clock_message AS
WITH frame AS (
    SELECT source_id, record_id, message_key, ocpp_type, ts_original, r.zone_s,
        coalesce(o.from_station, mark IN (1, 3), false) AS sent,
        coalesce(n.station, i.station, k.station, s.station) AS station
    FROM record AS r JOIN part ON part_id = record_id >> 40
    JOIN source AS s USING (source_id)
    LEFT JOIN station_name AS n ON n.raw = r.station
    LEFT JOIN hinted AS i USING (record_id)
    LEFT JOIN session_station AS k USING (source_id, session_key)
    LEFT JOIN ocpp_action AS o ON r.ocpp_type = 2 AND o.name = r.ocpp_action
    WHERE message_key IS NOT NULL AND ts_original IS NOT NULL
),
counted AS (
    SELECT *, count(*) OVER w AS times, row_number() OVER (w ORDER BY record_id) AS place
    FROM frame WINDOW w AS (PARTITION BY source_id, message_key, ocpp_type, station)
),
truth AS (
    SELECT message_key, ocpp_type, f.station, times, place,
        true_time(ts_original, f.zone_s, s.zone_s, s.shift_us, s.drift, s.origin_us) AS utc
    FROM counted AS f JOIN clock_shift AS s
        ON f.source_id = s.source_id AND f.record_id >= s.from_record AND f.record_id < s.to_record
    WHERE f.source_id = getvariable('reference')
),
shared AS (
    SELECT c.source_id, c.record_id, c.ts_original AS wall, c.zone_s, t.utc, c.sent,
        c.times = 1 AND t.times = 1 AS once
    FROM counted AS c JOIN truth AS t USING (message_key, ocpp_type, place)
    WHERE c.source_id <> getvariable('reference') AND coalesce(c.station = t.station, true)
        AND c.times <= 2 AND t.times <= 2 AND (c.times = t.times OR place = 1)
)
SELECT * EXCLUDE (once) FROM shared
QUALIFY once OR count(*) FILTER (once) OVER (PARTITION BY source_id) < 10;
