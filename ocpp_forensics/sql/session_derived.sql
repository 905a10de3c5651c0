-- Events that follow from others: a new address, a new cell, a lost registration, an opening.
-- Reads: event, spoken, transaction, source. Reads and fills: key_event. A modem log that says so itself is left alone.

INSERT INTO key_event BY NAME
SELECT event_id, ts, source_id, rank, ord, kind, station, 'modem.ip_change' AS action, address,
    before AS old_address, 'derived' AS detail
FROM (
    SELECT *, lag(address) OVER (PARTITION BY source_id ORDER BY ord) AS before
    FROM key_event WHERE action = 'modem.address' AND address IS NOT NULL
)
WHERE before <> address AND source_id NOT IN (
    SELECT source_id FROM key_event WHERE action = 'modem.ip_change');

INSERT INTO key_event BY NAME
SELECT event_id, ts, source_id, rank, ord, kind, station, 'modem.cell_handoff' AS action, cell_id,
    'derived' AS detail
FROM (
    SELECT *, lag(cell_id) OVER (PARTITION BY source_id ORDER BY ord) AS before
    FROM key_event WHERE action = 'modem.registration' AND cell_id IS NOT NULL
)
WHERE before <> cell_id AND source_id NOT IN (
    SELECT source_id FROM key_event WHERE action = 'modem.cell_handoff' AND detail IS DISTINCT FROM 'derived');

-- What frames tell: power that was lost while charging, and firmware updates.
INSERT INTO key_event BY NAME
SELECT e.event_id, e.ts, e.source_id, s.rank, order_of(e.ts, s.rank, e.event_id) AS ord, e.kind, e.station,
    'power.lost' AS action, 'derived' AS detail
FROM "transaction" AS t JOIN event AS e ON e.event_id = t.stop_event JOIN source AS s USING (source_id)
WHERE t.stop_reason = 'PowerLoss';

INSERT INTO key_event BY NAME
SELECT f.event_id, f.ts, f.source_id, s.rank, order_of(f.ts, s.rank, f.event_id) AS ord, f.kind, f.station,
    'firmware.status' AS action, f.frame->>'$[3].status' AS detail
FROM spoken AS f JOIN source AS s USING (source_id)
WHERE f.ocpp_type = 2 AND f.ocpp_action = 'FirmwareStatusNotification';

-- A refusal or an end in the CSMS's log that names nobody is that of the station which tells of one (or
-- of which the proxy does) within the same second, with the same status if both tell it, and clearly
-- nearer than any other.
UPDATE key_event SET station = told.station
FROM (
    WITH told AS (
        SELECT *, CASE WHEN action IN ('ws.close', 'tcp.reset', 'ws.ping_timeout') THEN 'end'
            WHEN action = 'http.response' AND http_status = 101 AND kind = 'proxy' THEN 'end'
            WHEN action = 'http.response' AND http_status >= 400
                OR kind = 'csms' AND (action = 'csms.rejected' OR reject_reason IS NOT NULL) THEN 'refusal' END AS sort
        FROM key_event
    ),
    nameless AS (
        SELECT event_id, ts, http_status, sort, unnest([epoch_us(ts) // 1000000 - 1, epoch_us(ts) // 1000000,
            epoch_us(ts) // 1000000 + 1]) AS second
        FROM told WHERE kind = 'csms' AND station IS NULL AND sort IS NOT NULL
    ),
    near AS (
        SELECT k.event_id, f.station, min(abs(epoch(f.ts) - epoch(k.ts))) AS gap_s
        FROM nameless AS k
        JOIN told AS f ON epoch_us(f.ts) // 1000000 = k.second AND f.sort = k.sort AND f.station IS NOT NULL
            AND (f.kind = 'station' OR f.kind = 'proxy' AND f.sort = 'end')
            AND (k.sort = 'end' OR coalesce(f.http_status = k.http_status, true))
        GROUP BY ALL
    ),
    ranked AS (
        SELECT *, lead(gap_s) OVER w AS other_s, row_number() OVER w AS place
        FROM near WHERE gap_s <= 1 WINDOW w AS (PARTITION BY event_id ORDER BY gap_s, station)
    )
    SELECT event_id, station FROM ranked WHERE place = 1 AND coalesce(other_s > 4 * gap_s + 0.05, true)
) AS told
WHERE key_event.event_id = told.event_id;

-- An end that names nobody is that of the only station which is connected, by the same log. A library
-- and the program above it may both tell of an opening: the one that names the station counts.
UPDATE key_event SET station = alone.station
FROM (
    WITH told AS (
        SELECT event_id, source_id, ord, ts, station, action = 'ws.open' AS opens,
            lead(action) OVER w = 'ws.open' AND lead(station) OVER w IS NOT NULL
                AND lead(ts) OVER w <= ts + INTERVAL 2 SECOND AS then_named
        FROM key_event WHERE kind = 'csms' AND action IN ('ws.open', 'ws.close')
        WINDOW w AS (PARTITION BY source_id ORDER BY ord)
    ),
    counted AS (
        SELECT *, sum(CASE WHEN opens THEN 1 ELSE -1 END) OVER (
                PARTITION BY source_id ORDER BY ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS connected
        FROM told WHERE NOT (opens AND station IS NULL AND coalesce(then_named, false))
    ),
    behind AS (
        SELECT *, lag(station) OVER w AS last_station, lag(opens) OVER w AS last_opens,
            coalesce(lag(connected) OVER w, 0) AS last_connected
        FROM counted WINDOW w AS (PARTITION BY source_id ORDER BY ord)
    )
    SELECT event_id, last_station AS station FROM behind
    WHERE NOT opens AND station IS NULL AND connected = 1 AND last_opens AND last_connected = 0
) AS alone
WHERE key_event.event_id = alone.event_id AND alone.station IS NOT NULL;

-- Openings that no log tells of in words that are known: the first message after an end shows one in the CSMS's
-- log, and a message after an attempt shows in the station's own that this one got through.
INSERT INTO key_event BY NAME
WITH silent AS (
    SELECT station FROM key_event WHERE station IS NOT NULL GROUP BY station
    HAVING count(*) FILTER (kind = 'csms' AND action = 'ws.close') >= 2 AND NOT coalesce(bool_or(
        action IN ('ws.open', 'csms.online', 'ws.upgrade', 'tcp.connect') OR http_status = 101), false)
),
wordless AS (
    SELECT source_id FROM key_event WHERE kind = 'station' GROUP BY source_id
    HAVING bool_or(action = 'ws.close') AND bool_or(action = 'tcp.connect') AND NOT bool_or(action IN ('ws.open', 'csms.online'))
),
opening AS (
    SELECT e.event_id, e.ts, e.source_id, e.kind, e.station
    FROM (
        SELECT station, source_id, ts FROM key_event
        WHERE kind = 'csms' AND action = 'ws.close' AND station IN (SELECT station FROM silent)
    ) AS c ASOF JOIN (
        SELECT * FROM event WHERE direction = 'to_csms' AND ocpp_type IS NOT NULL AND station IN (SELECT station FROM silent)
    ) AS e ON e.station = c.station AND e.source_id = c.source_id AND c.ts < e.ts
    UNION
    -- Right behind the attempt, which comes first.
    SELECT d.event_id, d.ts + INTERVAL 1 MICROSECOND, d.source_id, d.kind, d.station
    FROM (
        SELECT source_id, station, ts FROM event
        WHERE ocpp_type IS NOT NULL AND kind = 'station' AND source_id IN (SELECT source_id FROM wordless)
    ) AS e ASOF JOIN (
        SELECT * FROM key_event WHERE action = 'tcp.connect' AND kind = 'station' AND station IS NOT NULL
    ) AS d ON d.source_id = e.source_id AND d.station = e.station AND d.ts <= e.ts
)
SELECT o.*, s.rank, order_of(o.ts, s.rank, o.event_id) AS ord, 'ws.open' AS action, 'derived' AS detail
FROM opening AS o JOIN source AS s USING (source_id);
