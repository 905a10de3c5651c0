-- Waves: many stations that come (back) within a short time.
-- Grain: one row per wave. Reads: attempt, connection, lost, station. Units: seconds, UTC.
-- A wave is a run of 30 s slots with at least five stations and twice as many attempts as an even
-- spread over the log would give. recover_s: until nine of ten of the stations that got in within ten
-- minutes of it were in; null where none was rejected. crowded_share: share of the rejected attempts that
-- failed while others got in, or later: not for want of anything that listens.

CREATE TABLE wave AS
WITH arrival AS (
    SELECT station, ts, stage = 'open' AS opened FROM attempt
    UNION ALL
    SELECT station, open_ts, true FROM connection WHERE open_ts IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM attempt AS a WHERE a.station = connection.station AND a.stage = 'open'
            AND a.ts BETWEEN connection.open_ts - INTERVAL 90 SECOND AND connection.open_ts + INTERVAL 2 SECOND)
),
slot AS (
    SELECT epoch_us(ts) // 30000000 AS slot, count(*) AS arrivals, count(DISTINCT station) AS stations
    FROM arrival GROUP BY ALL
),
busy AS (
    SELECT slot, slot - row_number() OVER (ORDER BY slot) AS run FROM slot WHERE stations >= 5
),
run AS (SELECT run, min(slot) AS first_slot, max(slot) AS last_slot FROM busy GROUP BY run),
member AS (
    SELECT r.run, a.*, min(a.ts) FILTER (a.opened) OVER (PARTITION BY r.run) AS first_in_ts
    FROM run AS r JOIN arrival AS a ON epoch_us(a.ts) // 30000000 BETWEEN r.first_slot AND r.last_slot
),
measured AS (
    SELECT run, min(ts) AS ts, max(ts) AS last_ts, count(*) AS arrivals,
        count(DISTINCT station) AS stations, avg((NOT opened)::INTEGER) AS rejected_share,
        count(DISTINCT station) FILTER (NOT opened) AS rejected_stations,
        avg(coalesce(ts > first_in_ts, false)::INTEGER) FILTER (NOT opened) AS crowded_share
    FROM member
    GROUP BY run
),
-- When each station of a wave got in: its last arrival that opened a connection.
back AS (
    SELECT m.run, a.station, epoch(max(a.ts)) - epoch(any_value(m.ts)) AS back_s
    FROM measured AS m JOIN arrival AS a ON a.ts BETWEEN m.ts AND m.last_ts + INTERVAL 10 MINUTE AND a.opened
    WHERE m.rejected_share > 0
    GROUP BY m.run, a.station
),
recovery AS (SELECT run, quantile_cont(back_s, 0.9) AS recover_s FROM back GROUP BY run)
SELECT row_number() OVER (ORDER BY ts) AS wave_id, ts, order_of(ts, 9, 0) AS ord, last_ts,
    NULL::VARCHAR AS station, arrivals, stations, rejected_share, rejected_stations, crowded_share,
    arrivals / stations AS attempts_each,
    arrivals / greatest(epoch(last_ts) - epoch(ts), 1) AS per_s, r.recover_s,
    stations / (SELECT count(*) FROM station) AS fleet_share,
    (SELECT count(DISTINCT l.station) FROM lost AS l
     WHERE l.ts BETWEEN m.ts - INTERVAL 10 MINUTE AND m.last_ts) AS lost_before
FROM measured AS m LEFT JOIN recovery AS r USING (run);

-- Grain: one row per wave and station that took part: it was refused, or came back after a loss.
CREATE TABLE wave_station AS
SELECT w.wave_id, a.station
FROM wave AS w JOIN attempt AS a ON a.ts BETWEEN w.ts AND w.last_ts AND a.stage <> 'open'
UNION
SELECT w.wave_id, l.station
FROM wave AS w JOIN lost AS l ON l.ts BETWEEN w.ts - INTERVAL 10 MINUTE AND w.last_ts
    AND l.next_open_ts BETWEEN w.ts AND w.last_ts;
