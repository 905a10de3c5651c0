-- Every spelling of a station that occurs, and where it stands.
-- Grain: one row per spelling and basis. Reads: record, detail.
-- basis: line (named in the line or frame), url (dialled by the writer), path (requested from the
-- writer; only requests that ask for an upgrade or stand under a path known to carry OCPP).

CREATE OR REPLACE MACRO last_segment(address) AS
    regexp_extract(regexp_replace(address, '[?#].*$', ''), '([^/]+)/*$', 1);

CREATE OR REPLACE MACRO without_segment(address) AS
    regexp_replace(regexp_replace(address, '[?#].*$', ''), '[^/]+/*$', '');

CREATE OR REPLACE TEMP TABLE raw_station AS
SELECT station AS raw, 'line' AS basis, NULL AS prefix, count(*) AS lines
FROM record WHERE station IS NOT NULL GROUP BY ALL
UNION ALL
SELECT last_segment(url), 'url', NULL, count(*)
FROM detail WHERE url IS NOT NULL AND regexp_matches(url, '^wss?://[^/]+/.*[^/]') GROUP BY ALL
UNION ALL
SELECT last_segment(path), 'path', without_segment(path), count(*)
FROM detail WHERE path LIKE '/%' GROUP BY ALL;
