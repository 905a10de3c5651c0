-- How far the stamps of one source stand from those of others that tell of the same: an opening, an
-- end or a refusal within a moment (tight), an end that a modem's trouble brought about (loose).
-- Grain of twin_pair: one row per stamp of a source and event of another. Grain of twin_difference: one
-- row per source, tightness and whole second of difference. Reads: twin. Variable: sought (the ids of
-- the sources in question). pairs: different stamps of the source with that difference.

CREATE OR REPLACE TEMP TABLE twin_pair AS
WITH asked AS (SELECT * FROM twin WHERE list_contains(getvariable('sought'), source_id))
SELECT * FROM (
    SELECT a.source_id, a.record_id, a.told <> 'cut' AS tight, epoch(a.wall) - epoch(b.utc) AS ahead_s
    FROM asked AS a JOIN twin AS b ON a.station = b.station AND a.source_id <> b.source_id
        AND CASE a.told WHEN 'cut' THEN 'ended' ELSE a.told END = b.told
    WHERE b.known
)
WHERE abs(ahead_s) < 400 * 86400;

CREATE OR REPLACE TEMP TABLE twin_difference AS
SELECT source_id, tight, round(ahead_s)::BIGINT AS ahead_s, count(DISTINCT record_id) AS pairs
FROM twin_pair
GROUP BY ALL;
