-- The timeline: every record with its true time, its station and its direction.
-- Grain: one row per record. Reads: record, tally, part, source, clock_shift, later_in_instant, station_name and the claims
-- of identity (named, hinted, session_station, message_station, handshaken, mentioned, addressed, spoken_for).
-- ts: UTC by the reference clock; ts_original: as written; kind: vantage point of the record
-- (a station's own words inside a modem or system log count as the station's); direction: to_csms
-- or to_station; reported_ts: what the message itself says of its time, as it is written in it.

-- What a mark (sent, received, an arrow) means in each source, learned from its CALLs, whose
-- direction their action tells. Grain: one row per source and mark.
CREATE OR REPLACE TEMP TABLE mark_meaning AS
WITH learned AS (
    SELECT source_id, mark, sum(times * o.from_station::INTEGER) / sum(times) AS share
    FROM tally AS r JOIN part USING (part_id)
    JOIN ocpp_action AS o ON r.ocpp_type = 2 AND o.name = r.ocpp_action
    WHERE mark IS NOT NULL GROUP BY ALL
),
clear AS (SELECT source_id, mark, share >= 0.8 AS to_csms FROM learned WHERE share >= 0.8 OR share <= 0.2)
SELECT source_id, mark, to_csms FROM clear
UNION ALL
-- The other word of a pair means the other direction where no CALL tells.
SELECT c.source_id, pair.other, NOT c.to_csms
FROM clear AS c JOIN (VALUES (1, 2), (2, 1), (3, 4), (4, 3)) AS pair(mark, other) USING (mark)
WHERE NOT EXISTS (SELECT 1 FROM learned AS l WHERE l.source_id = c.source_id AND l.mark = pair.other);

-- Who asked, for answers whose line does not tell which way they went (no mark, or always the same).
-- Grain: one row per source and CALL of sources with such answers.
CREATE OR REPLACE TEMP TABLE asked AS
WITH silent AS (
    SELECT source_id FROM tally AS r JOIN part USING (part_id)
    WHERE r.ocpp_type IN (2, 3, 4)
    GROUP BY ALL HAVING count(DISTINCT r.mark) < 2 OR bool_or(r.mark IS NULL AND r.ocpp_type > 2)
)
SELECT p.source_id, r.message_key, bool_or(o.from_station) AS by_station
FROM record AS r JOIN part AS p ON p.part_id = r.record_id >> 40
JOIN ocpp_action AS o ON o.name = r.ocpp_action
WHERE r.ocpp_type = 2 AND p.source_id IN (SELECT source_id FROM silent)
GROUP BY ALL HAVING bool_or(o.from_station) = bool_and(o.from_station);

-- Names that stand in every row, as numbers: all that is grouped, joined or sorted by them is much quicker.
CREATE TYPE known_station AS ENUM (
    FROM (SELECT station FROM station_name UNION SELECT station FROM source) WHERE station IS NOT NULL ORDER BY station
);
CREATE TYPE vantage_name AS ENUM (SELECT kind FROM source UNION VALUES ('modem'), ('station') ORDER BY kind);
CREATE TYPE direction_name AS ENUM ('to_csms', 'to_station');
CREATE TYPE message_name AS ENUM (
    SELECT DISTINCT ocpp_action FROM tally WHERE ocpp_action IS NOT NULL ORDER BY ocpp_action
);

CREATE TABLE event AS
WITH owner AS (
    SELECT source_id, kind::vantage_name AS kind, station::known_station AS station,
        kind IN ('station', 'modem', 'os') AS alone, kind IN ('modem', 'os', '') AS mixed
    FROM source
),
spelled AS (SELECT raw, station::known_station AS station FROM station_name),
placed AS (
    SELECT r.*, p.source_id, s.station AS source_station, s.alone, n.station AS line_station,
        CASE WHEN starts_with(r.action::VARCHAR, 'modem.') THEN 'modem'::vantage_name
            WHEN s.mixed AND regexp_matches(r.action::VARCHAR, '^(?:ws|tcp|tls|http|ocpp|station|dns)\.')
            THEN 'station'::vantage_name
            ELSE s.kind
        END AS kind
    -- Every record has a part and a source; inner joins would make DuckDB expect few rows here
    -- and build its hash tables from the records.
    FROM record AS r
    LEFT JOIN part AS p ON p.part_id = r.record_id >> 40
    LEFT JOIN owner AS s USING (source_id)
    LEFT JOIN spelled AS n ON n.raw = r.station
)
SELECT
    e.record_id AS event_id,
    true_time(e.ts_original, e.zone_s, c.zone_s, c.shift_us, c.drift, c.origin_us)
        + to_microseconds(coalesce(l.microseconds, 0)) AS ts,
    e.ts_original, e.source_id, e.byte_offset, e.byte_length, e.line_count, e.kind,
    -- A line with no more than the name of a message that came from the side that must answer it.
    CASE WHEN e.ocpp_type IS NULL AND e.action = 'ocpp.call'
              AND o.from_station <> ((e.mark IN (1, 3)) = (e.kind = 'station'))
         THEN 'ocpp.result'::action_name ELSE e.action END AS action,
    coalesce(
        CASE WHEN e.alone THEN e.source_station END, e.line_station,
        coalesce(a.station, i.station, b.station, m.station, h.station, t.station, d.station, f.station)::known_station,
        e.source_station
    ) AS station,
    CASE
        WHEN e.ocpp_type = 2 AND o.from_station THEN 'to_csms'::direction_name
        WHEN e.ocpp_type = 2 AND NOT o.from_station THEN 'to_station'::direction_name
        WHEN q.by_station THEN 'to_station'::direction_name
        WHEN NOT q.by_station THEN 'to_csms'::direction_name
        WHEN k.to_csms THEN 'to_csms'::direction_name
        WHEN NOT k.to_csms THEN 'to_station'::direction_name
        WHEN e.mark IS NULL OR e.kind NOT IN ('csms', 'station') THEN NULL
        WHEN (e.mark IN (1, 3)) = (e.kind = 'station') THEN 'to_csms'::direction_name
        ELSE 'to_station'::direction_name
    END AS direction,
    e.ocpp_type, e.ocpp_action::message_name AS ocpp_action, e.message_key, e.truncated, e.session_key, e.reported_ts
FROM placed AS e
LEFT JOIN clock_shift AS c ON c.source_id = e.source_id
    AND e.record_id >= c.from_record AND e.record_id < c.to_record
LEFT JOIN ocpp_action AS o ON coalesce(e.ocpp_type, 2) = 2 AND o.name = e.ocpp_action
LEFT JOIN asked AS q ON e.ocpp_type IN (3, 4) AND q.source_id = e.source_id AND q.message_key = e.message_key
LEFT JOIN mark_meaning AS k ON k.source_id = e.source_id AND k.mark = e.mark
LEFT JOIN later_in_instant AS l ON l.record_id = e.record_id
LEFT JOIN named AS a ON a.record_id = e.record_id
LEFT JOIN hinted AS i ON i.record_id = e.record_id
LEFT JOIN session_station AS b ON b.source_id = e.source_id AND b.session_key = e.session_key
LEFT JOIN message_station AS m ON m.source_id = e.source_id AND m.message_key = e.message_key
LEFT JOIN handshaken AS h ON h.record_id = e.record_id
LEFT JOIN mentioned AS t ON t.record_id = e.record_id
LEFT JOIN addressed AS d ON d.record_id = e.record_id
LEFT JOIN spoken_for AS f ON f.record_id = e.record_id;
