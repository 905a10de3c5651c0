-- Every spelling of a station that occurs, and where it stands.
-- Grain: one row per spelling and basis. Reads: tally, detail, attribute.
-- basis: line (named in the line or frame), hint (a member like "id" of a log in which no line names
-- a station, with the same few values again and again), url (dialled by the writer), path (requested from the
-- writer; only requests that ask for an upgrade or stand under a path known to carry OCPP).

CREATE OR REPLACE MACRO last_segment(address) AS
    regexp_extract(regexp_replace(address, '[?#].*$', ''), '([^/]+)/*$', 1);

CREATE OR REPLACE MACRO without_segment(address) AS
    regexp_replace(regexp_replace(address, '[?#].*$', ''), '[^/]+/*$', '');

CREATE OR REPLACE TEMP TABLE hint AS
SELECT record_id, record_id >> 40 AS part_id, station_hint AS raw FROM attribute
WHERE station_hint IS NOT NULL AND station IS NULL AND length(station_hint) BETWEEN 3 AND 32;

CREATE OR REPLACE TEMP TABLE raw_station AS
SELECT raw, 'hint' AS basis, NULL AS prefix, count(*) AS lines
FROM hint
WHERE part_id NOT IN (SELECT part_id FROM tally WHERE station IS NOT NULL)
    AND part_id IN (
        SELECT part_id FROM hint GROUP BY part_id HAVING count(*) >= 3 * count(DISTINCT raw))
GROUP BY raw
UNION ALL
SELECT station AS raw, 'line' AS basis, NULL AS prefix, sum(times)::BIGINT AS lines
FROM tally WHERE station IS NOT NULL GROUP BY ALL
UNION ALL
SELECT last_segment(url), 'url', NULL, count(*)
FROM detail WHERE url IS NOT NULL AND regexp_matches(url, '^wss?://[^/]+/.*[^/]') GROUP BY ALL
UNION ALL
SELECT last_segment(path), 'path', without_segment(path), count(*)
FROM detail WHERE path LIKE '/%' GROUP BY ALL;
