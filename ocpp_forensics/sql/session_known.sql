-- What holds from when on: of several at once the least, the shortest timer and the lowest limit. What
-- is first seen later held before as well.
-- Grain: one row per station, key and moment. Reads: station_fact.
CREATE TABLE held_fact AS
WITH least AS (
    SELECT station, key, from_ts, min((coalesce(try_cast(value AS DOUBLE), 1e300), value, event_id)) AS first
    FROM station_fact GROUP BY ALL
)
SELECT station, key,
    CASE WHEN row_number() OVER (PARTITION BY station, key ORDER BY from_ts) = 1
         THEN TIMESTAMP '0001-01-01' ELSE from_ts END AS from_ts,
    first[2] AS value, first[3] AS event_id
FROM least;
