-- Facts at the stations that they bear on.
-- Reads: fact, station, bound (station, host, path, source_id: what serves it; path and source_id are
-- null for a fact about a host).

-- Grain: one row per station, key and line that tells it. from_ts: the year 1 where it always held.
CREATE TABLE station_fact AS
SELECT s.station, f.key, f.value, coalesce(f.valid_from, TIMESTAMP '0001-01-01') AS from_ts, f.event_id
FROM fact AS f JOIN station AS s ON f.scope = 'fleet' OR f.scope = 'station' AND (f.station = s.station
    OR f.station IS NULL AND (SELECT count(*) FROM station) = 1)
UNION ALL
SELECT b.station, f.key, f.value, coalesce(f.valid_from, TIMESTAMP '0001-01-01'), f.event_id
FROM fact AS f JOIN bound AS b ON f.scope IN ('host', 'path') AND b.host IS NOT DISTINCT FROM f.host
    AND CASE f.scope WHEN 'path' THEN b.source_id = f.source_id AND b.path IS NOT DISTINCT FROM f.path
        ELSE b.source_id IS NULL END;
