-- A history of many stations and days, written straight into the tables of a kept store.
-- Variables: stations, days, seed. Fills: event, status, spoken, connection, boot.
-- Per station and day: 20 status events, 2 connections (4 changes). One day in forty holds a fault
-- that stays for up to a day, one report in 140 a short one. Every second station has two
-- connectors. Frames of other actions are left out: the replay reads none of them.

CREATE OR REPLACE TEMP MACRO chance(a, b, salt) AS
    (hash(a, b, salt, getvariable('seed')) % 1000000) / 1000000.0;
CREATE OR REPLACE TEMP MACRO at_second(seconds) AS
    TIMESTAMP '2026-01-01' + to_microseconds((seconds * 1e6)::BIGINT);
CREATE OR REPLACE TEMP MACRO name_of(number) AS format('DE*CPO*E{:05}', number);
CREATE OR REPLACE TEMP MACRO line_id(kind, number, slot) AS
    (1::BIGINT << 40) + kind * 100000000000 + number * 1000000 + slot;

CREATE OR REPLACE TEMP VIEW slot AS
WITH counted AS (
    SELECT n.number::BIGINT AS number, s.slot::BIGINT AS slot, s.slot // 20 AS day,
        chance(n.number, s.slot // 20, 1) AS luck,
        (20 * chance(n.number, s.slot // 20, 2))::INTEGER AS stuck_from,
        1 + (19 * chance(n.number, s.slot // 20, 3))::INTEGER AS stuck_slots
    FROM range(getvariable('stations')) AS n(number), range(getvariable('days') * 20) AS s(slot)
),
judged AS (
    SELECT *, luck < 0.025 AND slot % 20 BETWEEN stuck_from AND stuck_from + stuck_slots AS stuck
    FROM counted
)
SELECT number, slot, at_second(slot // 2 * 8640 + 7000 * chance(number, slot // 2, 4) + slot % 2 * (60 + 1500 * chance(number, slot, 4))) AS ts,
    CASE WHEN stuck THEN CASE WHEN number % 2 = 1 AND luck < 0.012 THEN 0 ELSE 1 END
         WHEN slot % 20 = 7 THEN 0 WHEN number % 2 = 1 THEN 1 + slot // 2 % 2 ELSE 1 END AS connector,
    CASE WHEN stuck OR (slot % 2 = 0 AND chance(number, slot, 5) < 0.014) THEN
             CASE WHEN chance(number, slot, 6) < 0.7 THEN 'Faulted' ELSE 'Unavailable' END
         WHEN slot % 20 = 7 THEN 'Available'
         ELSE ['Available', 'Preparing', 'Charging', 'Finishing'][1 + slot // 2 % 4] END AS status,
    CASE WHEN stuck OR (slot % 2 = 0 AND chance(number, slot, 5) < 0.014) THEN
             ['InternalError', 'OtherError', 'GroundFailure', 'ReaderFailure'][1 + day % 4]
         ELSE 'NoError' END AS error_code
FROM judged;

INSERT INTO status BY NAME
SELECT name_of(number) AS station, connector, ts, line_id(1, number, slot) AS event_id, status,
    error_code, 'csms' AS kind
FROM slot;

INSERT INTO spoken BY NAME
SELECT line_id(1, number, slot) AS event_id, ts, 1 AS source_id, 'csms' AS kind,
    name_of(number) AS station, 'to_csms' AS direction, 2 AS ocpp_type,
    'StatusNotification' AS ocpp_action, hash(number, slot) AS message_key,
    format('[2,"{}","StatusNotification",{{"connectorId":{},"errorCode":"{}","status":"{}"}}]',
        slot, connector, error_code, status) AS frame
FROM slot;

CREATE OR REPLACE TEMP VIEW half_day AS
SELECT n.number::BIGINT AS number, h.half::BIGINT AS half,
    at_second(h.half * 43200 + chance(n.number, h.half, 7) * 300) AS open_ts,
    at_second(h.half * 43200 + 43100 - 14000 * pow(chance(n.number, h.half, 8), 6)) AS close_ts
FROM range(getvariable('stations')) AS n(number), range(getvariable('days') * 2) AS h(half);

INSERT INTO connection BY NAME
SELECT number * 1000000 + half AS connection_id, name_of(number) AS station, open_ts,
    line_id(2, number, half) AS open_event, close_ts AS csms_close_ts, close_ts, true AS csms_saw,
    line_id(3, number, half) AS csms_close_event, 1006 AS csms_code
FROM half_day;

INSERT INTO boot BY NAME
SELECT name_of(number) AS station, open_ts + INTERVAL 1 SECOND AS ts,
    line_id(4, number, half) AS event_id, 'Voltera' AS vendor, 'EVC-' || (11 * (1 + number % 2)) AS model,
    '2.' || (number % 5) AS firmware
FROM half_day WHERE half % 60 = 0;

INSERT INTO event BY NAME
SELECT event_id, ts, ts AS ts_original, 1 AS source_id, event_id % 1000000 * 200 AS byte_offset,
    200 AS byte_length, 1 AS line_count, 'csms' AS kind, action, station,
    direction, ocpp_type, ocpp_action, message_key, false AS truncated
FROM (
    SELECT event_id, ts, 'ocpp.call' AS action, station, direction, ocpp_type, ocpp_action, message_key
    FROM spoken WHERE ocpp_action = 'StatusNotification'
    UNION ALL SELECT open_event, open_ts, 'ws.open', station, NULL, NULL, NULL, NULL FROM connection
    UNION ALL
    SELECT csms_close_event, close_ts, 'ws.close', station, NULL, NULL, NULL, NULL FROM connection
);
