-- Messages that a source and the reference have both logged, for clock alignment.
-- Grain: one row per message seen once on either side. Reads: record, part, clock_shift (the
-- reference's), variable reference. `utc`: true time by the reference's clock.

CREATE OR REPLACE TEMP TABLE clock_message AS
WITH frame AS (
    SELECT source_id, record_id, message_key, ocpp_type, ts_original, zone_s, mark, ocpp_action
    FROM record JOIN part ON part_id = record_id >> 40
    WHERE message_key IS NOT NULL AND ts_original IS NOT NULL
),
truth AS (
    SELECT message_key, ocpp_type, min(ts_original - to_microseconds(s.shift_us)
        - to_seconds(coalesce(f.zone_s, s.zone_s))) AS utc
    FROM frame AS f JOIN clock_shift AS s
        ON f.source_id = s.source_id AND f.record_id >= s.from_record AND f.record_id < s.to_record
    WHERE f.source_id = getvariable('reference')
    GROUP BY ALL HAVING count(*) <= 2
),
other AS (
    SELECT source_id, message_key, ocpp_type, min(record_id) AS record_id,
        min(ts_original) AS wall, min(zone_s) AS zone_s, min(mark) AS mark
    FROM frame WHERE source_id <> getvariable('reference')
    GROUP BY ALL HAVING count(*) <= 2
)
SELECT source_id, record_id, wall, zone_s, utc, mark IN (1, 3) AS sent
FROM other JOIN truth USING (message_key, ocpp_type);
