-- What is known of each station, and its boots.
-- Reads: spoken, key_event, event, source, given_link (station, link).

-- Grain: one row per BootNotification, seen at any vantage point. Stations may count message ids from
-- the start again after a boot: the same id more than a minute later is another message.
CREATE TABLE boot AS
WITH told AS (
    SELECT *, coalesce(ts - lag(ts) OVER w > INTERVAL 1 MINUTE, true) AS begins
    FROM spoken
    WHERE ocpp_type = 2 AND ocpp_action = 'BootNotification' AND frame IS NOT NULL
    WINDOW w AS (PARTITION BY station, message_key ORDER BY ts)
),
numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY station, message_key ORDER BY ts) AS number
    FROM told
)
SELECT station, min(ts) AS ts, arg_min(event_id, ts) AS event_id,
    any_value(coalesce(frame->>'$[3].chargePointVendor', frame->>'$[3].chargingStation.vendorName')) AS vendor,
    any_value(coalesce(frame->>'$[3].chargePointModel', frame->>'$[3].chargingStation.model')) AS model,
    any_value(coalesce(frame->>'$[3].firmwareVersion', frame->>'$[3].chargingStation.firmwareVersion')) AS firmware,
    any_value(coalesce(frame->>'$[3].chargePointSerialNumber', frame->>'$[3].chargeBoxSerialNumber',
        frame->>'$[3].chargingStation.serialNumber')) AS serial,
    any_value(frame->>'$[3].reason') AS reason,
    any_value(coalesce(frame->>'$[3].iccid', frame->>'$[3].imsi', frame->>'$[3].chargingStation.modem.iccid',
        frame->>'$[3].chargingStation.modem.imsi')) AS sim
FROM numbered
GROUP BY station, message_key, number;

-- Grain: one row per station that occurs on the timeline.
CREATE TABLE station AS
WITH seen AS (
    SELECT station, min(ts) AS first_ts, max(ts) AS last_ts FROM event
    WHERE station IS NOT NULL AND ts IS NOT NULL GROUP BY ALL
),
booted AS (
    SELECT station, arg_max(vendor, ts) AS vendor, arg_max(model, ts) AS model,
        arg_max(firmware, ts) AS firmware, arg_max(serial, ts) AS serial, max(sim) AS sim
    FROM boot GROUP BY ALL
),
modem AS (
    SELECT DISTINCT station FROM source WHERE kind = 'modem' AND station IS NOT NULL
    UNION SELECT DISTINCT station FROM key_event WHERE action LIKE 'modem.%' AND station IS NOT NULL
),
carrier_nat AS (
    SELECT station, bool_and(
        regexp_matches(client_address, '^100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.')) AS shared
    FROM key_event
    WHERE client_address IS NOT NULL AND station IS NOT NULL AND action IN ('ws.open', 'ws.upgrade', 'http.response')
    GROUP BY ALL
)
SELECT s.station, s.first_ts, s.last_ts, b.vendor, b.model, b.firmware, b.serial,
    coalesce(g.link, CASE WHEN b.sim IS NOT NULL OR m.station IS NOT NULL OR n.shared
        THEN 'cellular' END) AS link
FROM seen AS s
LEFT JOIN booted AS b USING (station)
LEFT JOIN modem AS m USING (station)
LEFT JOIN carrier_nat AS n USING (station)
LEFT JOIN given_link AS g USING (station);
