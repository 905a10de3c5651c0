-- How far each file was understood, and what was not. Reads: part, event, worded (what a record says).

-- Grain: one row per file. Units: shares 0 to 1 of its records.
CREATE OR REPLACE TEMP VIEW understood AS
SELECT p.part_id, p.path, s.kind, coalesce(p.lines, 0) AS lines, coalesce(p.unparsed, 0) AS unparsed,
    coalesce(p.duplicates, 0) AS duplicates, count(e.event_id) AS records, count(e.ts) AS timed,
    count(e.station) AS named, count(*) FILTER (e.action <> 'log.message') AS told,
    min(line_of(e.event_id, p.glued)) AS first_line
FROM part AS p JOIN source AS s USING (source_id)
LEFT JOIN event AS e ON e.event_id >> 40 = p.part_id
GROUP BY ALL ORDER BY p.path;

-- Grain: one row per file and template of records that mean nothing to any phrase.
INSERT INTO unknown_template
SELECT e.event_id >> 40, w.template, min(w.body), count(*)
FROM event AS e JOIN worded AS w ON w.record_id = e.event_id
WHERE e.action = 'log.message' AND trim(w.body) <> ''
GROUP BY ALL;
