-- How many lines of each source that may belong to one station name each station.
-- Grain: one row per source and station. Reads: record, part, source, station_name, named.

SELECT p.source_id, coalesce(n.station, m.station) AS station, count(*) AS lines
FROM record AS r JOIN part AS p ON p.part_id = r.record_id >> 40
JOIN source AS s ON s.source_id = p.source_id AND s.kind NOT IN ('csms', 'proxy')
LEFT JOIN station_name AS n ON n.raw = r.station
LEFT JOIN named AS m ON m.record_id = r.record_id
WHERE coalesce(n.station, m.station) IS NOT NULL
GROUP BY ALL
ORDER BY ALL;
