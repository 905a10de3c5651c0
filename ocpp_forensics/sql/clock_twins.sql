-- Events of one station that two sources tell in their own way (a connection opens, closes or
-- fails): the difference of their stamps is a zone plus seconds.
-- Grain: one row per source and quarter hour of difference. Reads: twin (source_id, station, wall,
-- utc, known): up to 300 events per source and station.

WITH pair AS (
    SELECT a.source_id, a.wall, epoch(a.wall) - epoch(b.utc) AS ahead_s
    FROM twin AS a JOIN twin AS b ON a.station = b.station AND a.source_id <> b.source_id
    WHERE NOT a.known AND b.known
),
rounded AS (
    SELECT source_id, wall, ahead_s, (round(ahead_s / 900) * 900)::BIGINT AS zone_s
    FROM pair WHERE abs(ahead_s) < 15 * 3600
)
SELECT source_id, zone_s, count(DISTINCT wall) AS pairs
FROM rounded
WHERE abs(ahead_s - zone_s) < 3
GROUP BY source_id, zone_s
ORDER BY source_id, pairs DESC, abs(zone_s), zone_s;
