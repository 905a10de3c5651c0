-- Events that follow from two others: a new address, a new cell, a lost registration.
-- Reads and fills: key_event. A modem log that says so itself is left alone.

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
